//! debug
fn main(){ let a:Vec<String>=std::env::args().collect(); let k=if a.len()>3 {matching::Kind::Business} else {matching::Kind::Person}; let v=matching::names(&a[1],&[&a[2]],k); println!("{:?} {:?} {:?} {}",v.outcome,v.score,v.rules,v.explanation()); for x in &v.aligned { println!("   {:?} {:?} {:?} {:?}",x.claim,x.holder,x.how,x.part);} }
