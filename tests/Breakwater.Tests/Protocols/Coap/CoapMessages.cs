using Breakwater.Protocols.Coap;
using FsCheck;
using FsCheck.Fluent;

namespace Breakwater.Tests.Protocols.Coap;

/// <summary>Messages for tests: one with everything in it, and any.</summary>
internal static class CoapMessages
{
    public static CoapMessage Put { get; } = new()
    {
        Code = CoapCode.Put,
        Type = CoapType.Confirmable,
        MessageId = 0x7d34,
        Token = new byte[] { 1, 2, 3, 4 },
        Options =
        [
            new CoapOption(CoapOptions.IfMatch, default),
            CoapOption.Text(CoapOptions.UriPath, ".well-known"),
            CoapOption.Text(CoapOptions.UriPath, "a path segment long enough for an extended length, and then some"),
            CoapOption.Uint(CoapOptions.ContentFormat, 271),
            CoapOption.Uint(CoapOptions.Block1, 0x16),
            CoapOption.Uint(CoapOptions.Size1, 70_000),
            new CoapOption(CoapOptions.RequestTag, new byte[] { 9 }),
            new CoapOption(40_000, new byte[300]),
        ],
        Payload = new byte[] { 0xFF, 0, 1 },
    };

    public static Arbitrary<CoapMessage> Any { get; } = Arb.From(
        from code in Gen.Elements(CoapCode.Get, CoapCode.Put, CoapCode.Content, CoapCode.BadRequest, CoapCode.ServiceUnavailable)
        from type in Gen.Elements(CoapType.Confirmable, CoapType.NonConfirmable, CoapType.Acknowledgement, CoapType.Reset)
        from id in Gen.Choose(0, 65_535)
        from tokenLength in Gen.Choose(0, 8)
        from options in Gen.Choose(0, 2000).Two().Select(p => new CoapOption(p.Item1, new byte[p.Item2 % 700])).ListOf()
        from payload in Gen.Choose(0, 2000)
        select new CoapMessage
        {
            Code = code,
            Type = type,
            MessageId = (ushort)id,
            Token = Enumerable.Range(1, tokenLength).Select(i => (byte)i).ToArray(),
            Options = [.. options.OrderBy(o => o.Number)],
            Payload = new byte[payload],
        });
}
