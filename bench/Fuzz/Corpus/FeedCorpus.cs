using System.Text;

namespace Breakwater.Fuzz.Corpus;

/// <summary>Feeds as their providers write them, with addresses of documentation.</summary>
public static class FeedCorpus
{
    public const string SpamhausDrop = """
        {"cidr":"198.51.100.0/24","sblid":"SBL256894","rir":"apnic"}
        {"cidr":"2001:db8:738::/48","sblid":"SBL635837","rir":"ripencc"}
        {"type":"metadata","timestamp":1786614242,"size":123,"records":2,"copyright":"(c) 2026 The Spamhaus Project SLU","terms":"https://www.spamhaus.org/drop/terms/"}
        """;

    public const string FeodoJson = """
        [{"ip_address":"203.0.113.7","port":443,"status":"online","hostname":null,"as_number":64500,"as_name":"EXAMPLE","country":"ZZ","first_seen":"2021-01-17 07:30:05","last_online":"2026-03-07","malware":"Dridex"},
        {"ip_address":"203.0.113.8","port":8080,"status":"offline","hostname":"c2.example","as_number":64500,"as_name":"EXAMPLE","country":"ZZ","first_seen":"2022-05-11 12:00:00","last_online":"2022-06-01","malware":"Emotet"}]
        """;

    public const string FeodoCsv = """
        ################################################################
        # abuse.ch Feodo Tracker Botnet C2 IP Blocklist (CSV)          #
        ################################################################
        #
        "first_seen_utc","dst_ip","dst_port","c2_status","last_online","malware"
        "2022-06-04 21:24:53","203.0.113.7","8080","online","2026-03-07","QakBot"
        "2022-06-05 10:00:00","203.0.113.9","443","offline","2022-07-01","Emotet"
        # END (2) entries
        """;

    public const string UrlhausCsv = """
        ################################################################
        # abuse.ch URLhaus Database Dump (CSV - recent URLs only)      #
        ################################################################
        #
        # id,dateadded,url,url_status,last_online,threat,tags,urlhaus_link,reporter
        "3500001","2026-08-01 10:00:07","http://203.0.113.20:34567/bin.sh","online","2026-08-01 10:00:07","malware_download","32-bit,elf,mips,Mozi","https://urlhaus.abuse.ch/url/3500001/","geenensp"
        "3500002","2026-08-01 09:00:00","https://bad.example/a,b.exe","online","2026-08-01 10:00:07","malware_download","exe","https://urlhaus.abuse.ch/url/3500002/","anonymous"
        "3500003","2026-07-01 09:00:00","http://[2001:db8::bad]/x","offline","2026-07-02 10:00:07","malware_download","None","https://urlhaus.abuse.ch/url/3500003/","anonymous"
        """;

    public const string Plain = """
        # one a line
        198.51.100.7
        198.51.100.128/25 ; SBL1
        2001:db8:5::/48 # comment
        bad.example
        0.0.0.0 tracker.example
        """;

    public const string CrowdSec = """
        {"new":[{"duration":"3h59m49.481837158s","id":1,"origin":"crowdsec","scenario":"crowdsecurity/ssh-bf","scope":"Ip","type":"ban","value":"203.0.113.5","simulated":false,"uuid":"d1"},
        {"duration":"167h0m0s","id":2,"origin":"lists","scenario":"firehol_botscout_7d","scope":"Range","type":"ban","value":"203.0.113.64/26","until":"2026-08-01T12:00:00Z"}],"deleted":null}
        """;

    public const string Shadowserver = """
        "timestamp","severity","ip","protocol","port","hostname","tag","asn","geo","region","city","infection","naics","hostname_source","sector","device_vendor"
        "2026-02-10 00:00:14","critical","192.0.2.18","tcp","33462","node01.example.com","mirai","64512","ZZ","Region","City","mirai","0","ptr","","ExampleCam"
        "2026-02-10 00:00:15","high","192.0.2.19","udp","53","","openresolver","64512","ZZ","Region","City","","0","","",""
        """;

    public const string Stix = """
        {"type":"bundle","id":"bundle--4600ad1b-fff1-4c58-bcc9-4de3bc5e2ffd","objects":[
        {"type":"indicator","spec_version":"2.1","id":"indicator--3600ad1b-fff1-4c98-bcc9-4de3bc2e2ffb","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","name":"C2","indicator_types":["malicious-activity"],"pattern":"[ipv4-addr:value = '203.0.113.7' OR ipv4-addr:value ISSUBSET '198.51.100.0/25']","pattern_type":"stix","valid_from":"2026-01-01T00:00:00Z","valid_until":"2027-01-01T00:00:00Z","confidence":80},
        {"type":"indicator","spec_version":"2.1","id":"indicator--5600ad1b-fff1-4c98-bcc9-4de3bc2e2ffb","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","pattern":"[network-traffic:dst_ref.type = 'ipv4-addr' AND network-traffic:dst_ref.value = '203.0.113.9' AND network-traffic:dst_port = 443] OR [domain-name:value IN ('c2.example','d2.example')]","pattern_type":"stix","valid_from":"2026-01-01T00:00:00Z"},
        {"type":"indicator","spec_version":"2.1","id":"indicator--6600ad1b-fff1-4c98-bcc9-4de3bc2e2ffb","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","revoked":true,"pattern":"[url:value = 'http://x.example/it\\'s']","pattern_type":"stix","valid_from":"2026-01-01T00:00:00Z"}]}
        """;

    public const string Envelope = """
        {"more":true,"next":"1767225600000000","objects":[{"type":"indicator","spec_version":"2.1","id":"indicator--3600ad1b-fff1-4c98-bcc9-4de3bc2e2ffb","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-02T00:00:00.000Z","pattern":"[ipv6-addr:value = '2001:db8::7']","pattern_type":"stix","valid_from":"2026-01-01T00:00:00Z"}]}
        """;

    public const string MispManifest = """
        {"5a1b2c3d-0000-4000-8000-000000000001":{"Orgc":{"name":"Example"},"Tag":[{"name":"tlp:white"}],"info":"C2 servers","date":"2026-01-01","analysis":"2","threat_level_id":"1","timestamp":"1767225600"},
        "5a1b2c3d-0000-4000-8000-000000000002":{"info":"Scanners","timestamp":1767312000}}
        """;

    public const string MispEvent = """
        {"Event":{"uuid":"5a1b2c3d-0000-4000-8000-000000000001","info":"Botnet C2 servers","date":"2026-01-01","timestamp":"1767225600","Tag":[{"name":"tlp:white"}],
        "Attribute":[{"type":"ip-dst","category":"Network activity","to_ids":true,"value":"203.0.113.7","timestamp":"1767225600"},{"type":"ip-dst|port","to_ids":true,"value":"203.0.113.8|443","timestamp":"1767225600"},
        {"type":"comment","to_ids":false,"value":"seen in the wild"},{"type":"url","to_ids":true,"value":"http://bad.example:8080/x","timestamp":"1767225600"}],
        "Object":[{"name":"domain-ip","deleted":false,"Attribute":[{"type":"domain","to_ids":true,"value":"c2.example"},{"type":"ip-dst","to_ids":true,"deleted":true,"value":"203.0.113.11"}]}]}}
        """;

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
