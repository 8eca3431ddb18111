namespace Millrace.Tests;

/// <summary>Tests that two stored events of one commit are read as one event.</summary>
public sealed class MergeTests : IDisposable
{
    private static readonly Guid Ada = Guid.Parse("0193b1c2-0000-7000-8000-000000000001");
    private static readonly Guid Ben = Guid.Parse("0193b1c2-0000-7000-8000-000000000002");

    private readonly ShopFile _file = new();

    public void Dispose() => _file.Dispose();

    [Fact]
    public async Task Events_committed_together_are_merged_at_the_position_of_the_second()
    {
        await using var build = await Deployment.Of<Examples>(_file.Path);
        await build.Append(Ada, new AddressSet("Mill Lane 1"), new PhoneSetV1(7), new ContactCalled(3));

        var events = await build.Read(Ada);
        var parts = events.SelectMany(recorded => recorded.Parts()).ToList();

        Assert.Equal(
            ["contact.address-set", "contact.phone-set", "contact.called"],
            events.Select(recorded => recorded.Type));
        Assert.Equal(
            [(new ContactSet("Mill Lane 1", "+44 7"), 2L), (new ContactCalled(3), 3L)],
            parts.Select(part => (part.Data, part.Version)));
    }

    [Fact]
    public async Task Events_of_different_commits_or_with_an_event_between_are_not_merged()
    {
        await using var build = await Deployment.Of<Examples>(_file.Path);
        await build.Append(Ada, new AddressSet("a"));
        await build.Append(Ada, new PhoneSet("1"));
        await build.Append(Ada, new AddressSet("b"), new ContactCalled(1), new PhoneSet("2"));
        await build.Append(Ada, new PhoneSet("3"), new AddressSet("c"));

        var read = (await build.Read(Ada)).SelectMany(recorded => recorded.Parts()).Select(part => part.Data);

        Assert.Equal(
            [
                new ContactSet("a", null),
                new PhoneSet("1"),
                new ContactSet("b", null),
                new ContactCalled(1),
                new PhoneSet("2"),
                new PhoneSet("3"),
                new ContactSet("c", null),
            ],
            read);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(1000)]
    public async Task Merged_events_do_not_depend_on_page_size_or_filter(int page)
    {
        await using var build = await Deployment.Of<Examples>(
            _file.Path, millrace => millrace.ConfigureStore(store => store.PageEvents = page));
        await build.Append(Ada, new ContactCalled(1), new AddressSet("a"), new PhoneSet("1"), new ContactCalled(2));
        await build.Append(Ben, new AddressSet("b"), new PhoneSet("2"));
        await build.Append(Ada, new AddressSet("c"), new PhoneSet("3"));
        object[] merged = [new ContactSet("a", "1"), new ContactSet("b", "2"), new ContactSet("c", "3")];

        Assert.Equal(merged, await Log(build, EventFilter.All));
        Assert.Equal(merged, (await Log(build, EventFilter.All, isBackwards: true)).Reverse());
        Assert.Equal(merged, await Log(build, EventFilter.OfTypes("contact.phone-set")));
        Assert.Empty(await Log(build, EventFilter.OfTypes("contact.address-set")));
        Assert.Equal(merged[1..], await Log(build, EventFilter.All, after: 3));
        Assert.Equal(merged, await Log(build, EventFilter.All, after: 2)); // From the second event of the pair.
    }

    [Fact]
    public async Task A_read_model_with_merged_events_is_the_same_after_a_rebuild()
    {
        await using var build = await Deployment.Of<Examples>(_file.Path);
        await build.Append(Ada, new AddressSet("a"), new PhoneSet("1"));
        await build.Append(Ben, new AddressSet("b"));
        var token = await build.Append(Ben, new PhoneSetV1(2));
        var cards = build.Model<string, ContactCard>("contact-cards");
        var readAfter = new ReadAfter(token, Deployment.WaitTimeout);

        ContactCard?[] live = [await CardOf(cards, Ada, readAfter), await CardOf(cards, Ben, readAfter)];
        await build.Projections.Rebuild("contact-cards@1", cancellationToken: CancellationToken.None);
        ContactCard?[] rebuilt = [await CardOf(cards, Ada, readAfter), await CardOf(cards, Ben, readAfter)];

        Assert.Equal(new ContactCard("a", "1", 1), live[0]);
        Assert.Equal(new ContactCard("b", "+44 2", 2), live[1]);
        Assert.Equal(live.AsEnumerable(), rebuilt);
    }

    [Fact]
    public async Task Events_that_cannot_be_merged_are_reported()
    {
        await using (var before = await Deployment.Of<Before.Shop>(_file.Path))
            await before.Append(Ada, FromJson(
                "contact.address-set", "[]"), FromJson("contact.phone-set", """{"number":1}"""));

        await using var build = await Deployment.Of<Examples>(_file.Path);
        var events = await build.Read(Ada);

        Assert.Empty(events[0].Parts());
        Assert.Contains(
            "merged with the event before it",
            Assert.IsType<UnreadableEvent>(events[1].Data).Reason,
            StringComparison.Ordinal);
    }

    [Fact]
    public void An_ambiguous_merge_is_refused()
    {
        var model = new ModelBuilder();
        Examples.Register(model);
        model.Merge<ContactCalled, PhoneSet, ContactSet>((_, phone) => new ContactSet(null, phone.Phone));

        var refused = Assert.Throws<InvalidOperationException>(() => model.BuildEventTypes());

        Assert.Contains("is merged both into", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_merged_event_cannot_be_merged_again()
    {
        var model = new ModelBuilder();
        Examples.Register(model);
        model.Merge<ContactSet, ContactCalled, PhoneSet>((_, _) => new PhoneSet("1"));

        Assert.Throws<InvalidOperationException>(() => model.BuildEventTypes());
    }

    private static NewEvent FromJson(string type, string json) =>
        NewEvent.FromBytes(type, System.Text.Encoding.UTF8.GetBytes(json));

    private static async Task<ContactCard?> CardOf(
        IReadModel<string, ContactCard> cards,
        Guid contact,
        ReadAfter readAfter) =>
        (await cards.Get(Deployment.StreamOf(contact).Key, readAfter, CancellationToken.None)).Value;

    private static async Task<object[]> Log(
        Deployment build, EventFilter filter, long after = 0, bool isBackwards = false)
    {
        var read = new List<object>();
        var events = isBackwards ? build.Store.ReadLogBackwards(filter) : build.Store.ReadLog(filter, after);
        await foreach (var recorded in events)
            read.AddRange(recorded.Parts().Select(part => part.Data).Where(data => data is not ContactCalled));
        return [.. read];
    }
}
