using Breakwater.Protocols.Net;

namespace Breakwater.Protocols.Bgp;

/// <summary>Reads the body of an UPDATE: length of the withdrawn routes (16 bits), those, length of the attributes (16 bits), those, then the announced routes.</summary>
/// <remarks>RFC 4271 §4.3 for the layout, RFC 7606 §3 to §5 for what to do when it does not hold.</remarks>
public static class UpdateDecoder
{
    public static DecodedUpdate Decode(ReadOnlySpan<byte> body, UpdateContext context)
    {
        var reader = new WireReader(body);
        var withdrawn = reader.Bytes(reader.U16());
        var attributes = reader.Bytes(reader.U16());
        if (reader.Failed) return Reset(BgpErrorSubcode.MalformedAttributeList, "lengths exceed the message");

        var skipped = 0;
        var gone = new List<BgpNlri>();
        var fresh = new List<BgpNlri>();
        var findable = BgpNlri.TryRead(BgpFamily.Ipv4Unicast, withdrawn, gone, ref skipped) & BgpNlri.TryRead(BgpFamily.Ipv4Unicast, reader.Rest, fresh, ref skipped);
        var read = new AttributeReader(context);
        read.ReadAll(attributes);
        if (read.Notification is null) read.RequireMandatory(fresh.Count > 0);
        var update = new BgpUpdate
        {
            Withdrawn = gone,
            Announced = fresh,
            Attributes = read.Attributes,
            Reach = read.Reach,
            Unreach = read.Unreach,
        };
        return findable
            ? new DecodedUpdate(update, read.Reaction, read.Problem, read.Notification) { Skipped = read.Skipped }
            : Reset(BgpErrorSubcode.InvalidNetworkField, "routes cannot be told apart", update);
    }

    private static DecodedUpdate Reset(byte subcode, string problem, BgpUpdate? read = null) =>
        new(read ?? new BgpUpdate(), UpdateReaction.SessionReset, problem, new BgpNotification(BgpErrorCode.Update, subcode));
}
