using System.Text.Json;
using Breakwater.Protocols.Bgp;

namespace Breakwater.Tests.Protocols.Bgp;

/// <summary>Attributes of FRR's unit tests, good and malformed, with what is to become of them.</summary>
public class FrrVectorTests
{
    [SharedDataFact("vectors/bgp")]
    public void Reacts_to_malformed_attributes_as_the_standard_says()
    {
        using var file = JsonDocument.Parse(File.ReadAllText(SharedData.Path("vectors", "bgp", "frr", "attr-parse.json")));
        foreach (var vector in file.RootElement.GetProperty("cases").EnumerateArray())
        {
            // A session between ASes of one administration (OAD) takes LOCAL_PREF as an internal one does.
            var isInternal = vector.GetProperty("peer").GetString() == "IBGP" || vector.GetProperty("sub_sort").GetString() == "BGP_PEER_EBGP_OAD";
            var attributes = Convert.FromHexString(vector.GetProperty("path_attributes_hex").GetString()!);
            byte[] routes = vector.GetProperty("update_has_nlri").GetBoolean() ? [24, 192, 0, 2] : [];
            byte[] body = [0, 0, (byte)(attributes.Length >> 8), (byte)attributes.Length, .. attributes, .. routes];

            var decoded = UpdateDecoder.Decode(body, new UpdateContext(FourOctetAs: true, isInternal));

            var outcome = decoded.Reaction switch
            {
                UpdateReaction.SessionReset => "ERROR",
                UpdateReaction.TreatAsWithdraw => "WITHDRAW",
                _ => "PROCEED",
            };
            Assert.True(vector.GetProperty("expect").GetString() == outcome, $"{vector.GetProperty("name")}: {outcome}, {decoded.Problem}");
        }
    }

    [SharedDataFact("vectors/bgp")]
    public void Reads_attributes_with_routes_and_refuses_those_it_cannot()
    {
        using var file = JsonDocument.Parse(File.ReadAllText(SharedData.Path("vectors", "bgp", "frr", "mp-attr.json")));
        foreach (var vector in file.RootElement.EnumerateArray())
        {
            var value = Convert.FromHexString(vector.GetProperty("hex").GetString()!);
            var (flags, type) = vector.GetProperty("attribute").GetString() switch
            {
                "MP_REACH_NLRI" => (0x80, 14),
                "MP_UNREACH_NLRI" => (0x80, 15),
                _ => (0xC0, 40),
            };
            byte[] attributes = [0x40, 1, 1, 0, 0x40, 2, 0, (byte)(flags | 0x10), (byte)type, (byte)(value.Length >> 8), (byte)value.Length, .. value];
            byte[] body = [0, 0, (byte)(attributes.Length >> 8), (byte)attributes.Length, .. attributes];

            var decoded = UpdateDecoder.Decode(body, new UpdateContext(FourOctetAs: true, Internal: false));

            var bad = decoded.Reaction >= UpdateReaction.TreatAsWithdraw;
            Assert.True(bad == (vector.GetProperty("expect").GetString() != "parses"), $"{vector.GetProperty("name")}, {vector.GetProperty("desc")}: {decoded.Reaction}, {decoded.Problem}");
        }
    }
}
