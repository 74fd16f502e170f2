using Breakwater.Engine.Net;

namespace Breakwater.Tests.Engine.Net;

public class CaptureFilterTests
{
    private const int Incoming = 0;
    private const int Outgoing = 4;

    [Theory]
    [InlineData(2, Incoming, 200)]
    [InlineData(2, Outgoing, 200)]
    [InlineData(9, Incoming, 200)]
    [InlineData(3, Incoming, 0)]    // not asked for
    [InlineData(4, Incoming, 0)]    // down
    [InlineData(1, Incoming, 200)]  // loopback …
    [InlineData(1, Outgoing, 0)]    // … whose packets come by twice
    public void Takes_the_packets_of_the_chosen_interfaces(int index, int direction, int taken)
    {
        var program = CaptureFilter.For([Interface(1, loopback: true), Interface(2), Interface(4, CaptureInterfaceState.Down), Interface(9)], snap: 200);
        Assert.Equal(taken, Run(program, index, direction));
    }

    [Fact]
    public void Takes_nothing_when_no_interface_is_there() => Assert.Equal(0, Run(CaptureFilter.For([], 200), 1, Incoming));

    [Fact]
    public void Reaches_as_many_interfaces_as_a_jump_can()
    {
        var program = CaptureFilter.For(Enumerable.Range(10, 300).Select(i => Interface(i)), 200);
        Assert.Equal(200, Run(program, 10, Incoming));
        Assert.Equal(200, Run(program, 10 + CaptureFilter.MaxInterfaces - 1, Incoming));
        Assert.Equal(0, Run(program, 10 + CaptureFilter.MaxInterfaces, Incoming));
    }

    private static CaptureInterface Interface(int index, CaptureInterfaceState state = CaptureInterfaceState.Capturing, bool loopback = false) =>
        new($"if{index}", index, loopback, state);

    /// <summary>Runs a program as the kernel would.</summary>
    private static int Run(CaptureFilter.Instruction[] program, int index, int direction)
    {
        var accumulator = 0u;
        for (var at = 0; ; at++)
        {
            var (code, ifTrue, ifFalse, operand) = program[at];
            switch (code)
            {
                case 0x20: accumulator = operand == 0xFFFF_F008 ? (uint)index : (uint)direction; break;
                case 0x15: at += accumulator == operand ? ifTrue : ifFalse; break;
                case 0x06: return (int)operand;
                default: throw new InvalidOperationException($"instruction {code:x}");
            }
        }
    }
}
