namespace Breakwater.Core.Sketches;

/// <summary>How often rates of which size occurred, in 128 bins of a quarter in ln(1 + rate): 256 bytes, from 0 to 7·10¹³.</summary>
/// <remarks>A quarter is 28 %; quantiles are interpolated inside a bin, which is about four times as fine for spread-out values.</remarks>
public sealed class LogHistogram
{
    public const int Bins = 128;
    private const double Width = 0.25;

    private readonly ushort[] _counts = new ushort[Bins];

    /// <summary>Values held.</summary>
    public int Count { get; private set; }

    /// <param name="rate">0 or more.</param>
    public void Add(double rate)
    {
        ref var count = ref _counts[(int)Math.Clamp(Math.Log(1 + rate) / Width, 0, Bins - 1)];
        if (count == ushort.MaxValue) return;
        count++;
        Count++;
    }

    /// <summary>Adds what another holds.</summary>
    public void Add(LogHistogram other)
    {
        for (var bin = 0; bin < Bins; bin++) Set(bin, (ushort)Math.Min(ushort.MaxValue, _counts[bin] + other._counts[bin]));
    }

    /// <summary>Forgets half of everything, the rarest values first: old values fade as new ones come.</summary>
    public void Halve()
    {
        for (var bin = 0; bin < Bins; bin++) Set(bin, (ushort)(_counts[bin] / 2));
    }

    /// <summary>How often values of one bin occurred.</summary>
    public ushort this[int bin] => _counts[bin];

    /// <summary>Replaces the count of one bin.</summary>
    public void Set(int bin, ushort count)
    {
        Count += count - _counts[bin];
        _counts[bin] = count;
    }

    /// <summary>Median of ln(1 + rate); 0 when empty.</summary>
    public double Median()
    {
        var below = 0.0;
        for (var bin = 0; bin < Bins; bin++)
        {
            if (_counts[bin] > 0 && below + _counts[bin] >= Count / 2.0) return Width * (bin + (Count / 2.0 - below) / _counts[bin]);
            below += _counts[bin];
        }
        return 0;
    }

    /// <summary>Spread of ln(1 + rate) about its median: 1.4826 times the median absolute deviation, which for a normal law is the standard deviation.</summary>
    public double Spread()
    {
        if (Count == 0) return 0;
        var median = Median();
        double low = 0, high = Bins * Width;
        // Thirty halvings leave 3·10⁻⁸ of the range.
        for (var i = 0; i < 30; i++)
        {
            var middle = (low + high) / 2;
            if (Below(median + middle) - Below(median - middle) >= Count / 2.0) high = middle;
            else low = middle;
        }
        return 1.4826 * high;
    }

    /// <summary>How many values lie below, interpolated inside a bin.</summary>
    private double Below(double log)
    {
        var position = Math.Clamp(log / Width, 0, Bins);
        var whole = (int)position;
        var below = 0.0;
        for (var bin = 0; bin < whole; bin++) below += _counts[bin];
        return whole == Bins ? below : below + (position - whole) * _counts[whole];
    }
}
