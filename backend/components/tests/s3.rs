//! Objects in a real S3 server.

use anyhow::Result;
use chrono::{DateTime, TimeDelta, Utc};
use dbdesk_components::s3::{Objects, Place, S3Error, sha256_of};
use lab::{Proxy, S3};

#[expect(clippy::disallowed_methods, reason = "the server has the real clock")]
fn now() -> DateTime<Utc> {
    Utc::now()
}

fn objects(endpoint: &str, bucket: &str, (id, secret): (&str, &str)) -> Result<Objects> {
    let place = Place {
        endpoint: endpoint.parse()?,
        path_style: true,
        region: "us-east-1".into(),
        bucket: bucket.into(),
        prefix: "desk/".into(),
    };
    Ok(Objects::new(place, id, secret)?)
}

#[tokio::test]
async fn what_is_put_is_read_as_it_was_and_removed_and_what_is_wrong_is_told() -> Result<()> {
    let s3 = S3::start().await?;
    let account = (S3::ACCESS_KEY_ID, s3.secret_key());
    let objects_here = objects(&s3.endpoint(), S3::BUCKET, account)?;
    let bytes: Vec<u8> = (0..3_000_000_u32).map(|n| (n % 251) as u8).collect();
    let hash = sha256_of(&bytes);
    let name = objects_here.name("T-1/K-1/0/0", &hash);
    let at = (S3::BUCKET, name.as_str());
    for _ in 0..2 {
        objects_here.put(&name, bytes.clone(), now()).await?;
        assert_eq!(s3.names().await?, [name.as_str()]);
    }
    let got = objects_here.get(at, (bytes.len(), &hash), now()).await?;
    assert!(got == bytes, "{} bytes", got.len());

    // Whoever else writes there is found out, and so is whoever removes it.
    let mut changed = bytes.clone();
    changed[7] ^= 1;
    for other in [changed, b"short".to_vec(), vec![7; 3_000_001]] {
        s3.overwrite(&name, &other).await?;
        let got = objects_here.get(at, (bytes.len(), &hash), now()).await;
        assert_eq!(got, Err(S3Error::Changed), "{} bytes", other.len());
    }
    s3.remove(&name).await?;
    assert_eq!(objects_here.get(at, (bytes.len(), &hash), now()).await, Err(S3Error::Gone));
    objects_here.put(&name, b"again".to_vec(), now()).await?;
    for _ in 0..2 {
        objects_here.remove(at, now()).await?;
        assert!(s3.names().await?.is_empty());
    }

    // Nobody else gets in.
    let denied = |code: &str| Err(S3Error::Denied(code.to_owned()));
    let wrong = objects(&s3.endpoint(), S3::BUCKET, (S3::ACCESS_KEY_ID, "wrong"))?;
    assert_eq!(wrong.put("desk/a", b"a".to_vec(), now()).await, denied("SignatureDoesNotMatch"));
    let unknown = objects(&s3.endpoint(), S3::BUCKET, ("nobody", "wrong"))?;
    assert_eq!(unknown.put("desk/a", b"a".to_vec(), now()).await, denied("InvalidAccessKeyId"));
    assert!(s3.names().await?.is_empty());

    // A clock that is slow is told as such, whatever the server calls it.
    let slow = objects_here.put("desk/a", b"a".to_vec(), now() - TimeDelta::hours(2)).await;
    assert!(matches!(slow, Err(S3Error::Skew(ahead)) if (ahead - 7_200).abs() < 60), "{slow:?}");
    s3.drop_bucket().await?;
    assert_eq!(objects_here.put("desk/a", b"a".to_vec(), now()).await, Err(S3Error::NoBucket));
    Ok(())
}

#[tokio::test]
async fn a_server_that_is_away_is_away_for_now() -> Result<()> {
    let s3 = S3::start().await?;
    let proxy = Proxy::start(s3.port()).await?;
    let endpoint = format!("http://127.0.0.1:{}", proxy.port());
    let objects = objects(&endpoint, S3::BUCKET, (S3::ACCESS_KEY_ID, s3.secret_key()))?;
    objects.put("desk/a", b"a".to_vec(), now()).await?;
    proxy.close();
    let answer = objects.put("desk/b", b"b".to_vec(), now()).await;
    assert!(matches!(&answer, Err(error) if error.passes()), "{answer:?}");
    let told = format!("{answer:?}");
    assert!(!told.contains("Signature") && !told.contains("Credential"), "{told}");
    proxy.switch(s3.port());
    objects.put("desk/b", b"b".to_vec(), now()).await?;
    assert_eq!(s3.names().await?, ["desk/a", "desk/b"]);
    Ok(())
}
