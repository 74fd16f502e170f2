using System.Text.Json.Nodes;
using Breakwater.Core.Sharing;

namespace Breakwater.Protocols.Stix;

/// <summary>The marking definitions of the Traffic Light Protocol, which everybody has under the same identifiers.</summary>
/// <remarks>TLP 1.0: STIX 2.1 §7.2.1.4. TLP 2.0: the extension definition of OASIS, "Traffic Light Protocol 2.0 extension for STIX 2.1".</remarks>
public static class StixMarking
{
    private const string Tlp2Extension = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d";

    /// <summary>Identifier of a marking of TLP 2.0.</summary>
    public static string Id(Tlp tlp) => "marking-definition--" + tlp switch
    {
        Tlp.Clear => "94868c89-83c2-464b-929b-a1a8aa3c8487",
        Tlp.Green => "bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
        Tlp.Amber => "55d920b0-5e8b-4f79-9ee9-91f868d9b421",
        Tlp.AmberStrict => "939a9414-2ddd-4d32-a0cd-375ea402b003",
        Tlp.Red => "e828b379-4e03-4974-9ac4-e53a884c97c1",
        _ => throw new ArgumentOutOfRangeException(nameof(tlp)),
    };

    /// <summary>Identifier of the nearest marking of TLP 1.0, which has no amber+strict.</summary>
    public static string Tlp1Id(Tlp tlp) => "marking-definition--" + tlp switch
    {
        Tlp.Clear => "613f2e26-407d-48c7-9eca-b8e91df99dc9",
        Tlp.Green => "34098fce-860f-48ae-8e50-ebd3cc5e41da",
        Tlp.Amber or Tlp.AmberStrict => "f88d31f6-486f-44da-b317-01333bde0b82",
        Tlp.Red => "5e57c739-391a-4eb3-b6be-7d15ca92d5ed",
        _ => throw new ArgumentOutOfRangeException(nameof(tlp)),
    };

    /// <summary>The definition itself, of the version asked for.</summary>
    public static JsonObject Definition(Tlp tlp, bool tlp1) => tlp1 ? Tlp1(tlp) : new JsonObject
    {
        ["type"] = "marking-definition",
        ["spec_version"] = "2.1",
        ["id"] = Id(tlp),
        ["created"] = "2022-10-01T00:00:00.000Z",
        ["name"] = tlp.Label(),
        ["extensions"] = new JsonObject { [Tlp2Extension] = new JsonObject { ["extension_type"] = "property-extension", ["tlp_2_0"] = tlp.Label()[4..].ToLowerInvariant() } },
    };

    private static JsonObject Tlp1(Tlp tlp)
    {
        var colour = tlp switch { Tlp.Clear => "white", Tlp.AmberStrict => "amber", _ => tlp.Label()[4..].ToLowerInvariant() };
        return new JsonObject
        {
            ["type"] = "marking-definition",
            ["spec_version"] = "2.1",
            ["id"] = Tlp1Id(tlp),
            ["created"] = "2017-01-20T00:00:00.000Z",
            ["definition_type"] = "tlp",
            ["name"] = "TLP:" + colour.ToUpperInvariant(),
            ["definition"] = new JsonObject { ["tlp"] = colour },
        };
    }
}
