//! Control call `/sandbox/faults`: arming faults, showing and clearing them.

use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use serde::Serialize;

use super::arm::arm;
use super::read::{Shown, read_faults};
use crate::faults::Faults;
use crate::http::reply::{json as json_answer, message};
use crate::wire::json;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Armed {
    faults: Vec<Shown>,
}

/// Answers with what is armed afterwards.
pub(crate) fn answer(faults: &Faults, method: &Method, body: &[u8]) -> Response {
    match *method {
        Method::GET => {}
        Method::DELETE => faults.clear(),
        Method::PUT => {
            if let Err(problems) = arm_all(faults, body) {
                return message(StatusCode::BAD_REQUEST, &problems.join(" "));
            }
        }
        _ => {
            let text = "Faults are armed with PUT, shown with GET and cleared with DELETE.";
            let mut answer = message(StatusCode::METHOD_NOT_ALLOWED, text);
            let methods = HeaderValue::from_static("GET, PUT, DELETE");
            answer.headers_mut().insert(header::ALLOW, methods);
            return answer;
        }
    }
    let faults = faults.list().into_iter().map(Shown::of).collect();
    json_answer(StatusCode::OK, &Armed { faults })
}

/// Arms all of them or, if one is wrong, none.
fn arm_all(faults: &Faults, body: &[u8]) -> Result<(), Vec<String>> {
    let json = json::parse(body).map_err(|error| vec![format!("Send JSON: {error}.")])?;
    for fault in read_faults(&json)? {
        arm(faults, fault).map_err(|error| vec![error.to_string()])?;
    }
    Ok(())
}
