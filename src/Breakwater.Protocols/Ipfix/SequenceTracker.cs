namespace Breakwater.Protocols.Ipfix;

/// <summary>Follows one export sequence and says what is missing. Forgives wraps, late datagrams and restarts of the exporter.</summary>
internal struct SequenceTracker
{
    private bool _inStep;
    private uint _expected;
    private long _newest;

    /// <param name="sequence">The sequence number of this message.</param>
    /// <param name="units">By how much this message advances the sequence: 1 datagram, or its number of records.</param>
    /// <param name="exportedAt">Export time of the header, in any unit; tells a late datagram from a restart.</param>
    /// <param name="window">Largest jump believed to be loss or reordering; beyond, the exporter has restarted.</param>
    /// <returns>What to add to the count of lost units: negative when units thought lost came late.</returns>
    public long Advance(uint sequence, uint units, long exportedAt, int window)
    {
        var gap = unchecked((int)(sequence - _expected));
        var isLate = _inStep && gap < 0 && gap >= -window && exportedAt <= _newest;
        if (isLate) return -(long)units;
        var lost = _inStep && gap > 0 && gap <= window ? gap : 0;
        _inStep = true;
        _expected = unchecked(sequence + units);
        _newest = exportedAt;
        return lost;
    }

    /// <summary>Starts afresh at the next message, because this one's number of records could not be told.</summary>
    public void LoseStep() => _inStep = false;
}
