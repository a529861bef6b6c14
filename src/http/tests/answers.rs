//! What callers are shown: alerts by their agency's groups, the life of an alert, thresholds, problems, metrics.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_shows_each_agency_its_own_fields_and_nobody_the_key() {
    let site = site(vec![alert("A-1", &[KANIM, DISNAKER])]);
    let kanim = token(&site, KANIM, Officer);
    let disnaker = token(&site, DISNAKER, Officer);
    let coordinator = token(&site, "kesbangpol-oku", Coordinator);
    let nobody = token(&site, "operator", Auditor);
    let full = get_json(&site, "/v1/alerts/A-1", &kanim).await;
    insta::assert_snapshot!("alert_for_kanim", serde_json::to_string_pretty(&full).unwrap());
    let cut = get_json(&site, "/v1/alerts/A-1", &disnaker).await;
    insta::assert_snapshot!("alert_for_disnaker", serde_json::to_string_pretty(&cut).unwrap());
    for token in [&kanim, &disnaker, &coordinator, &nobody] {
        let text = get_json(&site, "/v1/alerts", token).await.to_string();
        assert!(text.contains("A-1") && !text.contains(KEY), "{text}");
    }
    for token in [&disnaker, &coordinator, &nobody] {
        let text = get_json(&site, "/v1/alerts/A-1", token).await.to_string();
        assert!(!text.contains(NAME) && !text.contains("permit()"), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_an_exempt_person_nothing_is_shown() {
    let held = Alert { held: Some(HoldReason::Exempt), ..alert("A-1", &[]) };
    let site = site(vec![held]);
    let token = token(&site, KANIM, Coordinator);
    let view = get_json(&site, "/v1/alerts/A-1", &token).await;
    assert_eq!(
        (&view["held"], &view["message"], &view["evidence"]),
        (&"exempt".into(), &Value::Null, &Value::Array(vec![]))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn alerts_are_filtered_and_paged() {
    let alerts = (0..5).map(|index| alert(&format!("A-{index}"), &[KANIM])).collect();
    let site = site(alerts);
    let token = token(&site, KANIM, Officer);
    let count = async |query: &str| {
        get_json(&site, &format!("/v1/alerts?{query}"), &token).await["items"].as_array().unwrap().len()
    };
    assert_eq!(count("status=baru,diterima&severity=siaga-1&kabupaten=16.01&rule=kerja-izin-kunjungan").await, 5);
    for none in ["status=ditutup", "severity=siaga-3", "kabupaten=16.08", "rule=lain"] {
        assert_eq!(count(none).await, 0, "{none}");
    }
    let mut seen = Vec::new();
    let mut path = "/v1/alerts?limit=2".to_owned();
    loop {
        let page = get_json(&site, &path, &token).await;
        seen.extend(page["items"].as_array().unwrap().iter().map(|alert| alert["id"].to_string()));
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/v1/alerts?limit=2&cursor={next}");
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn people_give_an_alert_its_life() {
    let site = site(vec![alert("A-1", &[KANIM, DISNAKER])]);
    let kanim = token(&site, KANIM, Officer);
    let disnaker = token(&site, DISNAKER, Officer);
    let steps = [
        (&kanim, "acknowledge", "", StatusCode::ACCEPTED, "diterima"),
        (&disnaker, "review", "{}", StatusCode::ACCEPTED, "ditinjau"),
        (&kanim, "comment", r#"{"text":"sudah ditelepon"}"#, StatusCode::ACCEPTED, "ditinjau"),
        (&kanim, "close", r#"{"reason":"selesai"}"#, StatusCode::UNPROCESSABLE_ENTITY, "ditinjau"),
        (&kanim, "close", r#"{"reason":"answered-late"}"#, StatusCode::UNPROCESSABLE_ENTITY, "ditinjau"),
        (&kanim, "comment", r#"{"text":"NIK 1601016011840001"}"#, StatusCode::UNPROCESSABLE_ENTITY, "ditinjau"),
        (&kanim, "close", r#"{"reason":"handled","comment":"beres"}"#, StatusCode::ACCEPTED, "ditutup"),
        (&kanim, "acknowledge", "", StatusCode::CONFLICT, "ditutup"),
        (&disnaker, "comment", r#"{"text":"terima kasih"}"#, StatusCode::ACCEPTED, "ditutup"),
    ];
    for (token, verb, body, status, state) in steps {
        let answer = send(&site, request("POST", &format!("/v1/alerts/A-1/{verb}"), Some(token), body)).await;
        assert_eq!(answer.status, status, "{verb} {body}: {}", answer.text);
        settled(&site).await;
        assert_eq!(get_json(&site, "/v1/alerts/A-1", token).await["status"], state, "after {verb} {body}");
    }
    let words = async |token: &str| {
        let alert = get_json(&site, "/v1/alerts/A-1", token).await;
        let lines = alert["history"].as_array().unwrap().clone();
        lines.iter().filter_map(|line| line["text"].as_str().map(str::to_owned)).collect::<Vec<_>>()
    };
    assert_eq!(words(&kanim).await, ["sudah ditelepon", "beres", "terima kasih"]);
    assert_eq!(words(&disnaker).await, ["terima kasih"], "who sees less does not read what the others wrote");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_threshold_is_set_within_its_bounds() {
    let site = site(Vec::new());
    let token = token(&site, KANIM, Coordinator);
    let path = "/v1/thresholds/izin_habis_hari";
    for (body, status) in [
        (r#"{"value":12}"#, StatusCode::OK),
        (r#"{"value":5,"phase":"tenang","kabupaten":"16.01"}"#, StatusCode::OK),
        (r#"{"value":0}"#, StatusCode::UNPROCESSABLE_ENTITY),
        (r#"{"value":61}"#, StatusCode::UNPROCESSABLE_ENTITY),
        (r#"{"value":7.5}"#, StatusCode::UNPROCESSABLE_ENTITY),
        (r#"{"value":7,"phase":"tennang"}"#, StatusCode::UNPROCESSABLE_ENTITY),
        (r#"{"value":7,"kabupaten":"1601"}"#, StatusCode::UNPROCESSABLE_ENTITY),
        (r#"{"value":7,"fase":"tenang"}"#, StatusCode::UNPROCESSABLE_ENTITY),
        (r#"{"value":1e999}"#, StatusCode::BAD_REQUEST),
        ("", StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        let answer = send(&site, request("PUT", path, Some(&token), body)).await;
        assert_eq!(answer.status, status, "{body}: {}", answer.text);
    }
    for body in ["[]", "5", r#"{"value":"5"}"#, "{}", r#"{"value":5,"phase":1}"#, ""] {
        let told = send(&site, request("PUT", path, Some(&token), body)).await.text;
        assert!(told.contains("it looks like") && told.contains("16.01"), "{body}: {told}");
        for leaked in ["f64", "struct", "invalid type", "expected"] {
            assert!(!told.contains(leaked), "{body}: {told}");
        }
    }
    let shown = get_json(&site, path, &token).await;
    assert_eq!(shown["set"].as_array().unwrap().len(), 2, "{shown}");
    assert_eq!((&shown["set"][1]["by"], &shown["set"][1]["phase"]), (&KANIM.into(), &"tenang".into()));
    assert!(shown["set"][1]["at"].as_str().unwrap().ends_with("+07:00"), "{shown}");
    let in_force = &shown["in_force"];
    assert_eq!((&in_force["16.01"]["tenang"], &in_force["16.08"]["tenang"]), (&5.0.into(), &12.0.into()));
    // what is taken back uncovers the wider value
    let body = r#"{"value":null,"phase":"tenang","kabupaten":"16.01"}"#;
    let told = send(&site, request("PUT", path, Some(&token), body)).await.text;
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    let changed = serde_json::json!([{ "kabupaten": "16.01", "phase": "tenang", "from": 5.0, "to": 12.0 }]);
    assert_eq!(told["changed"], changed, "{told}");
    let shown = get_json(&site, path, &token).await;
    assert_eq!(shown["in_force"]["16.01"]["tenang"], 12.0, "{shown}");
    let all = get_json(&site, "/v1/thresholds", &token).await;
    let items = all["items"].as_array().unwrap();
    assert_eq!(items.len(), PACK.thresholds.all().len());
    assert!(items.contains(&shown), "{all}");
    assert_eq!((&shown["default"], &shown["phase"]["tenang"]), (&7.0.into(), &14.0.into()));
    settled(&site).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_says_what_a_value_would_do_and_sets_nothing() {
    let site = site(Vec::new());
    let token = token(&site, KANIM, Coordinator);
    let path = "/v1/thresholds/klaster_minimal/preview";
    for (body, status) in [
        (r#"{"value":3,"phase":"tenang","kabupaten":"16.01"}"#, StatusCode::OK),
        (r#"{"value":0}"#, StatusCode::UNPROCESSABLE_ENTITY),
        (r#"{"value":3,"phase":"tennang"}"#, StatusCode::UNPROCESSABLE_ENTITY),
        ("[]", StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        let answer = send(&site, request("POST", path, Some(&token), body)).await;
        assert_eq!(answer.status, status, "{body}: {}", answer.text);
    }
    let answer = send(&site, request("POST", path, Some(&token), r#"{"value":3}"#)).await;
    let report: serde_json::Value = serde_json::from_str(&answer.text).unwrap();
    assert_eq!(report["threshold"]["name"], "klaster_minimal");
    assert_eq!(report["values"][0]["value"], 3.0, "{report}");
    assert_eq!(report["coverage"]["records"], 0, "{report}");
    let shown = get_json(&site, "/v1/thresholds/klaster_minimal", &token).await;
    assert_eq!(shown["set"].as_array().unwrap().len(), 0, "{shown}");
    settled(&site).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn problems_read_alike() {
    let site = site(vec![alert("A-1", &[KANIM])]);
    let source = token(&site, KANIM, Source);
    let officer = token(&site, KANIM, Officer);
    let coordinator = token(&site, KANIM, Coordinator);
    let mut wrong_type = request("POST", "/v1/records", Some(&source), "<a/>");
    wrong_type.headers_mut().insert("content-type", "text/xml".parse().unwrap());
    let requests = [
        ("no token", request("GET", "/v1/alerts", None, "")),
        ("bad token", request("GET", "/v1/alerts", Some("siaga_x"), "")),
        ("wrong role", request("GET", "/v1/quarantine", Some(&source), "")),
        ("no route", request("GET", "/v2/alerts", None, "")),
        ("wrong method", request("DELETE", "/v1/alerts", None, "")),
        ("not JSON", request("POST", "/v1/records", Some(&source), "{\"id\":\n  oops}")),
        ("wrong type", wrong_type),
        ("no alert", request("GET", "/v1/alerts/A-2", Some(&officer), "")),
        ("bad severity", request("GET", "/v1/alerts?severity=merah", Some(&officer), "")),
        ("unknown parameter", request("GET", "/v1/alerts?severitas=siaga-1", Some(&officer), "")),
        ("bad cursor", request("GET", "/v1/alerts?cursor=x", Some(&officer), "")),
        ("no reason", request("POST", "/v1/alerts/A-1/close", Some(&officer), "{}")),
        ("not dead", request("POST", "/v1/deliveries/d-1/revive", Some(&coordinator), "")),
    ];
    let mut told = String::new();
    for (what, request) in requests {
        let answer = send(&site, request).await;
        assert_eq!(answer.header("content-type"), "application/problem+json", "{what}");
        assert_eq!(answer.json()["status"], answer.status.as_u16());
        told.push_str(&format!("{what}\n{}\n\n", answer.text));
    }
    insta::assert_snapshot!(told);
}

/// What the store can say, and how a sender is told.
#[test]
fn the_store_says_no_in_http() {
    let cases = [
        (StoreError::Busy, 429),
        (StoreError::Full, 507),
        (StoreError::Fenced, 503),
        (StoreError::Failed { cause: "commit".to_owned() }, 503),
        (StoreError::NotFound("alert"), 404),
        (StoreError::Cursor, 422),
        (StoreError::Database("disk I/O error".to_owned()), 500),
    ];
    for (error, status) in cases {
        let response = axum::response::IntoResponse::into_response(Problem::from(error.clone()));
        assert_eq!(response.status().as_u16(), status, "{error}");
        assert_eq!(response.headers().contains_key("retry-after"), status == 429);
        assert_eq!(response.extensions().get::<problem::Fatal>().is_some(), error.is_fatal());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_and_health_say_how_things_stand_and_nothing_about_anyone() {
    let site = site(vec![alert("A-1", &[KANIM])]);
    let metrics = send(&site, request("GET", "/metrics", None, "")).await;
    assert!(metrics.header("content-type").starts_with("application/openmetrics-text"));
    assert!(metrics.text.contains("siaga_alerts{state=\"baru\",severity=\"siaga-1\"} 1"), "{}", metrics.text);
    assert!(metrics.text.contains("siaga_agencies_without_address{} 3"), "{}", metrics.text);
    for secret in [KEY, "X7654321", NAME, "PT Contoh", "pt-contoh", "A-1"] {
        assert!(!metrics.text.contains(secret), "{secret}");
    }
    let ready = send(&site, request("GET", "/readyz", None, "")).await;
    assert_eq!((ready.status, &ready.json()["epoch"]), (StatusCode::OK, &1.into()));
    site.app.pipeline.stop();
    let ready = send(&site, request("GET", "/readyz", None, "")).await;
    assert_eq!(ready.status, StatusCode::SERVICE_UNAVAILABLE);
    let reason = ready.json()["reasons"][0].as_str().unwrap().to_owned();
    assert!(reason.contains("not judged") && reason.contains("help: start siaga again"), "{reason}");
    assert_eq!(send(&site, request("GET", "/healthz", None, "")).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fenced_store_is_told_to_whoever_ends_the_process() {
    let site = site(Vec::new());
    let path = site._directory.path().join("siaga.db");
    let token = token(&site, KANIM, Coordinator);
    let newer = Store::open(&path, clock::now()).unwrap();
    let answer = send(&site, request("PUT", "/v1/thresholds/izin_habis_hari", Some(&token), r#"{"value":9}"#)).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(*site.app.fatal().borrow(), Some(StoreError::Fenced));
    drop(newer);
}
