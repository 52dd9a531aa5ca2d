//! Everything, for whoever wants to make something of it.

use anyhow::Result;
use serde_json::json;

use crate::grade::grade::{Grade, SCHEMA};

pub fn write(grades: &[Grade]) -> Result<String> {
    let all = json!({ "schema": SCHEMA, "submissions": grades });
    Ok(serde_json::to_string_pretty(&all)? + "\n")
}
