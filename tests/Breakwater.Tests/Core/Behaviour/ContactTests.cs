using System.Runtime.InteropServices;
using Breakwater.Core.Behaviour;

namespace Breakwater.Tests.Core.Behaviour;

public class ContactTests
{
    [Fact]
    public void A_copy_lacks_nothing()
    {
        var bytes = new byte[128];
        Array.Fill(bytes, (byte)0x5A);
        var contact = MemoryMarshal.Read<Contact>(bytes);
        Contact copy = default;
        contact.CopyTo(ref copy);
        foreach (var field in typeof(Contact).GetFields()) Assert.Equal(field.GetValue(contact), field.GetValue(copy));
    }
}
