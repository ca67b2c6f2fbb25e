//! Values of an answer, as JavaScript holds them.

use wasm_bindgen::prelude::*;

use super::call::Call;
use crate::protocol::{Code, Id, Kind, Member, Value};

#[wasm_bindgen(module = "/pkg-template/call.js")]
extern "C" {
    /// The number of a member's kind.
    fn look(call: &Call, value: &JsValue, member: i32) -> u32;
    #[wasm_bindgen(js_name = getMember)]
    fn get_member(value: &JsValue, member: i32) -> JsValue;
    /// 0 for an absent id, 1 for one that is none, 2 for the call's own, 3 for a new one.
    #[wasm_bindgen(js_name = lookAtId)]
    fn look_at_id(call: &Call, id: &JsValue) -> u32;
}

/// A value, and the call whose answer it stands in.
pub struct Json<'a> {
    pub call: &'a Call,
    pub value: JsValue,
}

impl Value for Json<'_> {
    fn look(&self, member: Member) -> Kind {
        match look(self.call, &self.value, member as i32) {
            0 => Kind::Absent,
            1 => Kind::False,
            2 => Kind::True,
            3 => Kind::Object,
            4 => Kind::Other,
            5 => Kind::Text,
            6 => Kind::Completed,
            7 => Kind::Failed,
            code => Kind::Code(Code::ALL.get(code as usize - 8).copied().unwrap_or(Code::Other)),
        }
    }

    fn get(&self, member: Member) -> Self {
        Json { call: self.call, value: get_member(&self.value, member as i32) }
    }

    fn id(&self) -> Id {
        match look_at_id(self.call, &self.get(Member::RequestId).value) {
            0 => Id::Absent,
            2 => Id::Known,
            3 => Id::New,
            _ => Id::Unusable,
        }
    }
}
