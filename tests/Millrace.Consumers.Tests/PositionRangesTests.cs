using Millrace.Explaining;

namespace Millrace.Tests;

/// <summary>Tests that ranges of positions contain all positions in a bounded size.</summary>
public sealed class PositionRangesTests
{
    private const int MaxBytes = 3_000;

    [Theory]
    [InlineData(1, 1_000_000, true)]
    [InlineData(900, 1_000, true)]
    [InlineData(4_000, 3, true)]
    [InlineData(20_000, 100, false)]
    [InlineData(20_000, 5_000_000, false)]
    public void Ranges_contain_all_positions_in_a_bounded_size(int count, int maxGap, bool isExact)
    {
        var random = new Random(count);
        var (ranges, position, positions) = (new PositionRanges(), 0L, new List<long>());
        for (var i = 0; i < count; i++)
            positions.Add(position += random.Next(1, maxGap + 1));
        positions.ForEach(each => ranges.Add(each, each));

        var bytes = ranges.Fit(MaxBytes).Write();
        using var reader = new BinaryReader(new MemoryStream(bytes));
        var read = PositionRanges.Read(reader, until: position).Ranges;

        Assert.InRange(bytes.Length, 1, MaxBytes);
        Assert.Equal((positions[0], position), (read[0].First, read[^1].Last));
        Assert.All(positions, each => Assert.Contains(read, range => range.First <= each && each <= range.Last));
        Assert.All(read.Zip(read.Skip(1)), pair => Assert.True(pair.First.Last < pair.Second.First));
        if (isExact)
            Assert.Equal(ranges.Ranges, read);
    }

    [Theory]
    [InlineData(9_600_000, 32, true)]
    [InlineData(9_601_000, 32, false)]
    [InlineData(9_600_000, 1, false)]
    public void A_continuation_that_reads_too_many_events_again_does_not_exist(
        long last, int positionsPerEvent, bool exists)
    {
        var ranges = new PositionRanges();
        for (var position = 1L; position <= last; position += 32)
            ranges.Add(position, position / positionsPerEvent);
        var continuation = new SearchContinuation
        {
            Value = SearchContinuation.DigestOf("cargo@1", "ada", null),
            Position = last,
            Events = ranges,
        };

        var text = continuation.ToText();

        Assert.Equal(exists, text is not null);
        if (text is not null)
            Assert.Equal(ranges.Ranges, SearchContinuation.Parse(text).Events.Ranges);
    }
}
