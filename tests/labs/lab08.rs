//! What the servers on our own framework promise.

use wirelab::promise;

#[test]
fn ex8_0_the_server_says_where_it_listens_once_it_does() {
    promise!("With port 0 the kernel chooses the port: only the socket knows which.", |lab| {
        lab.server().expect_ready_line();
    });
}
