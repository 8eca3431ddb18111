namespace Millrace.Tests;

/// <summary>Tests that appended events are unchanged when the store is closed and opened again.</summary>
public sealed class ReopenedTests : IDisposable
{
    private static readonly Guid Order = new(1, 0, 0, new byte[8]);
    private static readonly DateTime Utc = new(2011, 12, 5, 17, 30, 15, DateTimeKind.Utc);
    private static readonly DateTime Plain = new(2011, 12, 6);

    private readonly ShopFile _file = new();

    public void Dispose() => _file.Dispose();

    [Fact]
    public async Task Dictionary_keys_are_unchanged_after_reopening()
    {
        var weighed = Weighed with
        {
            ByMarks = new Dictionary<After.Marks, int>
            {
                [After.Marks.Fragile | After.Marks.Heavy] = 1,
                [After.Marks.None] = 2,
            },
            ByTime = new Dictionary<DateTime, int> { [Utc] = 1, [Plain] = 2 },
            ByMoment = new Dictionary<After.Moment, int> { [After.Moment.From(Utc)] = 1 },
        };

        var read = await AppendAndReopen<After.ParcelWeighed>(weighed);

        Assert.Equal(weighed.ByMarks, read.ByMarks);
        Assert.Equal(weighed.ByTime, read.ByTime);
        Assert.Equal([DateTimeKind.Utc, DateTimeKind.Unspecified], read.ByTime.Keys.Select(time => time.Kind));
        Assert.Equal(
            (Utc, DateTimeKind.Utc), (read.ByMoment.Keys.Single().Value, read.ByMoment.Keys.Single().Value.Kind));
    }

    [Fact]
    public async Task Members_with_private_setters_are_unchanged_after_reopening()
    {
        var read = await AppendAndReopen<After.ParcelWeighed>(
            Weighed.Stamped(3, "ring twice") with { Grams = new(1) { Second = 2 } });

        Assert.Equal((3, "ring twice"), (read.Stamps, read.Note));
        Assert.Equal(new After.Pair<int>(1) { Second = 2 }, read.Grams);
    }

    [Theory]
    [InlineData("Mill Lane 1", 2, 3, 4)]
    [InlineData(null, 0, 0, 0)]
    public async Task Conditionally_ignored_members_are_unchanged_after_reopening(
        string? address, int floor, int doors, int bells)
    {
        var read = await AppendAndReopen<After.ParcelWeighed>(
            Weighed with { Address = address, Floor = floor, Doors = doors, Bells = bells });

        Assert.Equal((address, floor, doors, bells), (read.Address, read.Floor, read.Doors, read.Bells));
    }

    [Fact]
    public async Task A_text_that_would_be_read_back_differently_is_refused()
    {
        await using var after = await Deployment.Of<After.Shop>(_file.Path);

        foreach (var address in new[] { "Mill \ud83d Lane", "\udc00" })
        {
            var refused = await Assert.ThrowsAsync<CannotSerializeException>(
                () => after.Append(Order, new After.AddressGiven(new(Order), address)));
            Assert.Contains("half of a surrogate pair", refused.Message, StringComparison.Ordinal);
        }
        Assert.Empty(await after.Read(Order));
    }

    [Theory]
    [InlineData("\ufffd")]
    [InlineData("\ufffd \ud83d\ude80 é \\uFFFD")]
    public async Task A_valid_text_is_unchanged_after_reopening(string address)
    {
        var given = new After.AddressGiven(new(Order), address);

        Assert.Equal(given, await AppendAndReopen<After.AddressGiven>(given));
    }

    private static After.ParcelWeighed Weighed =>
        new(
            new Dictionary<After.Marks, int>(),
            new Dictionary<DateTime, int>(),
            new Dictionary<After.Moment, int>(),
            new(0));

    private async Task<T> AppendAndReopen<T>(T given)
        where T : notnull
    {
        await using (var first = await Deployment.Of<After.Shop>(_file.Path))
            await first.Append(Order, given);
        await using var again = await Deployment.Of<After.Shop>(_file.Path);
        var read = Assert.Single(await again.Read(Order)).Data;
        return read is T same ? same : throw new InvalidOperationException(read.ToString());
    }
}
