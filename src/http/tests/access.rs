//! Every route with every role, and every agency at every other's alerts.

use super::*;

const ALL_ROLES: [Role; 5] = [Source, Officer, Author, Coordinator, Auditor];

/// The route with something in the place of each parameter.
fn path(route: &Route) -> String {
    route.path.replace("{id}", "A-1").replace("{name}", "izin_habis_hari").replace("{token}", "tidak-dikenal")
}

#[tokio::test(flavor = "multi_thread")]
async fn each_route_lets_exactly_its_roles_through() {
    let site = site(vec![alert("A-1", &[KANIM])]);
    for route in ROUTES {
        for role in ALL_ROLES {
            let token = token(&site, KANIM, role);
            let status = send(&site, request(route.method, &path(route), Some(&token), "")).await.status;
            let stopped = matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN);
            let allowed = match route.access {
                Access::Open | Access::Link => true,
                Access::Roles(roles) => roles.contains(&role),
            };
            assert_eq!(stopped, !allowed, "{} {} as {role}: {status}", route.method, route.path);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_good_token_nothing_opens() {
    let site = site(vec![alert("A-1", &[KANIM])]);
    let good = token(&site, KANIM, Coordinator);
    let revoked = token(&site, KANIM, Coordinator);
    done(site.store.token_revoke(token_hash(&revoked), "uji", clock::now())).unwrap();
    let expired = super::super::access::new_token().unwrap();
    let record = TokenRecord {
        hash: token_hash(&expired),
        agency: KANIM.to_owned(),
        role: "coordinator".to_owned(),
        sources: Vec::new(),
        kinds: Vec::new(),
        created_at: time(),
        expires_at: Some(time()),
    };
    done(site.store.token_add(record, "uji")).unwrap();
    let closed = ROUTES.iter().filter(|route| matches!(route.access, Access::Roles(_)));
    for route in closed {
        let headers = [
            None,
            Some("Bearer".to_owned()),
            Some("Bearer siaga_tidak-ada".to_owned()),
            Some(format!("Basic {good}")),
            Some(format!("Bearer {}", good.to_lowercase())),
            Some(format!("Bearer {revoked}")),
            Some(format!("Bearer {expired}")),
            Some(format!("Bearer {}", "x".repeat(9_000))),
        ];
        for header in headers {
            let mut request = request(route.method, &path(route), None, "");
            if let Some(header) = &header {
                request.headers_mut().insert("authorization", header.parse().unwrap());
            }
            let answer = send(&site, request).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{} {header:?}", route.path);
            assert!(answer.header("www-authenticate").starts_with("Bearer realm=\"siaga\""));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_agency_reads_or_answers_what_another_was_told() {
    let name = |index: usize| format!("A-{index}");
    let alerts = PACK.agencies.iter().enumerate().map(|(index, agency)| alert(&name(index), &[&agency.id]));
    let site = site(alerts.collect());
    for (own, agency) in PACK.agencies.iter().enumerate() {
        let token = token(&site, &agency.id, Officer);
        let list = get_json(&site, "/v1/alerts?limit=200", &token).await;
        let seen: Vec<_> = list["items"].as_array().unwrap().iter().map(|alert| alert["id"].clone()).collect();
        assert_eq!(seen, [name(own)], "{}", agency.id);
        for other in (0..PACK.agencies.len()).filter(|other| *other != own) {
            let path = format!("/v1/alerts/{}", name(other));
            let answer = send(&site, request("GET", &path, Some(&token), "")).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{} reads {path}", agency.id);
        }
        let neighbour = name((own + 1) % PACK.agencies.len());
        for (verb, body) in [
            ("acknowledge", ""),
            ("review", ""),
            ("close", r#"{"reason":"handled"}"#),
            ("comment", r#"{"text":"halo"}"#),
        ] {
            let path = format!("/v1/alerts/{neighbour}/{verb}");
            let answer = send(&site, request("POST", &path, Some(&token), body)).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{} {verb} {neighbour}", agency.id);
        }
    }
    assert_eq!(logged(&site), 0, "somebody's act came into the log");
}

#[test]
fn the_description_names_exactly_the_routes() {
    let document: Value = serde_json::from_str(health::OPENAPI).unwrap();
    let mut described = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap().iter().filter(|(name, _)| *name != "parameters") {
            let closed = operation["security"].as_array().is_some_and(|needs| !needs.is_empty());
            let roles = operation["description"].as_str().unwrap_or_default().to_owned();
            described.push((path.clone(), method.to_uppercase(), closed, roles));
        }
    }
    let mut routes: Vec<_> = ROUTES
        .iter()
        .map(|route| {
            let roles: &[Role] = match route.access {
                Access::Roles(roles) => roles,
                Access::Open | Access::Link => &[],
            };
            let words: Vec<_> = roles.iter().map(|role| role.word()).collect();
            let roles = if words.is_empty() { String::new() } else { format!("Roles: {}.", words.join(", ")) };
            (route.path.to_owned(), route.method.to_owned(), !words.is_empty(), roles)
        })
        .collect();
    described.sort();
    routes.sort();
    assert_eq!(described, routes);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_carries_the_careful_headers() {
    let site = site(Vec::new());
    for path in ["/healthz", "/v1/alerts", "/tidak/ada", "/a/tidak-dikenal"] {
        let answer = send(&site, request("GET", path, None, "")).await;
        for name in
            ["cache-control", "content-security-policy", "referrer-policy", "x-content-type-options", "x-frame-options"]
        {
            assert!(!answer.header(name).is_empty(), "{path} lacks {name}");
        }
        assert_eq!(answer.header("cache-control"), "no-store");
    }
}
