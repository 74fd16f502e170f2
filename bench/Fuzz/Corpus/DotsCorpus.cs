using System.Text.Json.Nodes;
using Breakwater.Protocols.Coap;
using Breakwater.Protocols.Dots;

namespace Breakwater.Fuzz.Corpus;

/// <summary>Good DOTS bodies (RFC 9132, RFC 9066, RFC 9244) and the CoAP messages that carry them.</summary>
public static class DotsCorpus
{
    private static readonly string[] Json =
    [
        """{"ietf-dots-signal-channel:mitigation-scope":{"scope":[{"target-prefix":["2001:db8:6401::1/128","192.0.2.7/32"],"target-port-range":[{"lower-port":80},{"lower-port":8000,"upper-port":8080}],"target-protocol":[6,17],"lifetime":3600,"trigger-mitigation":false}]}}""",
        """{"ietf-dots-signal-channel:mitigation-scope":{"scope":[{"mid":12332,"mitigation-start":"1507818434","target-fqdn":["www.example.net"],"target-uri":["https://www.example.net/"],"alias-name":["web"],"lifetime":-1,"status":"attack-stopped","bytes-dropped":"134334555","bps-dropped":"43344","pkts-dropped":"333334444","pps-dropped":"432432"}]}}""",
        """{"ietf-dots-signal-channel:mitigation-scope":{"scope":[{"mid":7,"conflict-information":{"conflict-status":"request-active","conflict-cause":"overlapping-targets","retry-timer":"60","conflict-scope":{"target-prefix":["192.0.2.0/24"],"acl-list":[{"acl-name":"a","acl-type":"ipv4-acl-type"}],"mid":6}},"attack-status":"under-attack"}]}}""",
        """{"ietf-dots-signal-channel:mitigation-scope":{"scope":[{"target-prefix":["2001:db8:c000::/128"],"ietf-dots-call-home:source-prefix":["2001:db8:123::1/128"],"ietf-dots-call-home:source-port-range":[{"lower-port":1024,"upper-port":65535}],"ietf-dots-call-home:source-icmp-type-range":[{"lower-type":8,"upper-type":9}],"lifetime":3600,"ietf-dots-signal-control:acl-list":[{"acl-name":"a","activation-type":"immediate"}]}]}}""",
        """{"ietf-dots-signal-channel:signal-config":{"mitigating-config":{"heartbeat-interval":{"max-value":240,"min-value":15,"current-value":30},"ack-timeout":{"max-value-decimal":"30.00","min-value-decimal":"1.00","current-value-decimal":"2.00"}},"idle-config":{"heartbeat-interval":{"current-value":0},"probing-rate":{"current-value":15}}}}""",
        """{"ietf-dots-signal-channel:heartbeat":{"peer-hb-status":true}}""",
        """{"ietf-dots-signal-channel:redirected-signal":{"alt-server":"alt-server.example","alt-server-record":["2001:db8:6401::1","192.0.2.1"]}}""",
        """{"ietf-dots-telemetry:telemetry":{"pre-or-ongoing-mitigation":[{"target":{"target-prefix":["2001:db8::1/128"]},"total-attack-traffic-protocol":[{"protocol":17,"unit":"megabit-ps","mid-percentile-g":"900"}],"attack-detail":[{"vendor-id":32473,"attack-id":77,"start-time":"1608336568","attack-severity":"high","top-talker":{"talker":[{"spoofed-status":false,"source-prefix":"192.0.2.2/32"}]}}]}]}}""",
        """{"ietf-dots-telemetry:telemetry-setup":{"telemetry":[{"current-config":{"low-percentile":"5.00","measurement-interval":"week","unit-config":[{"unit":"packet-ps","unit-status":true}],"supported-query-type":["mid"]}}]}}""",
    ];

    public static IEnumerable<byte[]> Bodies() => Json.Select(text => DotsBody.Write(JsonNode.Parse(text)!.AsObject()));

    public static IEnumerable<CoapMessage> Messages()
    {
        var number = 0;
        foreach (var body in Bodies())
        {
            yield return new CoapMessage
            {
                Code = number % 3 == 0 ? CoapCode.Content : CoapCode.Put,
                Type = (CoapType)(number % 3),
                MessageId = (ushort)++number,
                Token = new byte[] { 1, 2, 3, (byte)number },
                Options =
                [
                    new CoapOption(CoapOptions.IfMatch, default),
                    CoapOption.Uint(CoapOptions.Observe, (uint)number),
                    CoapOption.Text(CoapOptions.UriPath, ".well-known"),
                    CoapOption.Text(CoapOptions.UriPath, "dots"),
                    CoapOption.Text(CoapOptions.UriPath, "mitigate"),
                    CoapOption.Text(CoapOptions.UriPath, "cuid=dz6pHjaADkaFTbjr0JGBpw"),
                    CoapOption.Text(CoapOptions.UriPath, "mid=123"),
                    CoapOption.Uint(CoapOptions.ContentFormat, DotsBody.ContentFormat),
                    new CoapBlock(0, true, 6).ToOption(CoapOptions.Block1),
                ],
                Payload = body,
            };
        }
        yield return new CoapMessage { Code = CoapCode.Get, Type = CoapType.Confirmable, MessageId = 99, Options = [CoapOption.Text(CoapOptions.UriPath, "config")] };
        yield return new CoapMessage { Type = CoapType.Reset, MessageId = 99 };
    }
}
