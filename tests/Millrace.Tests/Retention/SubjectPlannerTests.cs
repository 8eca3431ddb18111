using System.Globalization;
using System.Text;
using Millrace.Erasing;
using Millrace.Retention;
using Millrace.Tests.Protection;

namespace Millrace.Tests.Retention;

/// <summary>Tests the search for data subjects with expired data, in pages of a bounded size.</summary>
public sealed class SubjectPlannerTests : IAsyncLifetime
{
    private const int Subjects = 200;
    private const int Entries = 2 * Subjects; // Each subject has one key and one stream.

    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;

    private readonly Dictionary<long, int> _ages = []; // In days, by position.
    private ProtectionSample _sample = null!; // Set by InitializeAsync.
    private EventStore _store = null!; // Set by InitializeAsync.

    /// <summary>Writes an old event of each customer, and a younger one of every fourth customer.</summary>
    public async Task InitializeAsync()
    {
        _sample = CreateSample();
        _store = await _sample.Open();
        for (var i = 0; i < Subjects; i++)
            await Register(i, age: 50);
        for (var i = 0; i < Subjects; i += 4)
            await Invite(i, age: 2);
    }

    public async Task DisposeAsync() => await _sample.DisposeAsync();

    [Theory]
    [InlineData(20)]
    [InlineData(150)]
    [InlineData(Entries)]
    public async Task Pages_of_any_size_find_the_same_subjects(int maxEntries)
    {
        var planner = Planner(maxEntries, 30);

        var found = await List(planner);
        var again = await List(planner);

        Assert.Equal(
            Enumerable.Range(0, Subjects).Select(i => $"customer-{i}").Order(StringComparer.Ordinal),
            found.Select(subject => subject.Subject).Order(StringComparer.Ordinal));
        Assert.All(found, AssertYoungIfFourth);
        Assert.Equal(found.ToHashSet(), again.ToHashSet());
        Assert.Equal(maxEntries < Entries, planner.Pages > 1);
        Assert.InRange(planner.MaxEntriesInMemory, 1, maxEntries + 1);
    }

    [Fact]
    public async Task Events_that_are_appended_during_the_search_count()
    {
        var planner = Planner(20, 30);
        var checks = 0;

        await foreach (var subject in planner.Find(default))
        {
            if (subject.Kept is not null)
                continue;
            Assert.True(await planner.HasExpired(subject.Subject, default));
            // Another kind of data has another key, which did not exist when the page was read.
            await Append(subject.Subject, "customer.registered", """{"phone":"+44 20 7946 0018"}""", 1);
            Assert.False(await planner.HasExpired(subject.Subject, default));
            if (++checks == 10)
                break;
        }

        Assert.Equal(10, checks);
    }

    [Fact]
    public async Task A_subject_with_more_entries_than_a_page_is_found()
    {
        for (var i = 0; i < 30; i++)
            await Invite(1, age: 1, stream: $"party-of-one-{i}");

        var found = await List(Planner(5, rules: [Rules(0)]));

        Assert.Equal(Subjects, found.Count);
        Assert.All(found, subject => Assert.Null(subject.Kept));
    }

    [Fact]
    public async Task Only_data_that_has_expired_by_all_policies_is_found()
    {
        var both = await List(Planner(Entries, 30, 45));

        Assert.Equal(Subjects, both.Count);
        Assert.All(both, AssertYoungIfFourth);
        Assert.Empty(await List(Planner(Entries, 30, 60)));
        Assert.Empty(await List(Planner(Entries, rules: [Rules(30), NoRules()])));
    }

    [Fact]
    public async Task Subjects_without_keys_are_not_found()
    {
        foreach (var subject in new[] { "customer-1", "customer-2" })
            await _sample.Keys.Destroy(new KeyOwner("", subject, KeyOwner.AllKinds), default);

        var found = await List(Planner(20, 30));

        Assert.Equal(Subjects - 2, found.Count);
        Assert.DoesNotContain("customer-1", found.Select(subject => subject.Subject));
    }

    private static ProtectionSample CreateSample() => new();

    private static void AssertYoungIfFourth(ExpiredSubject subject)
    {
        var index = int.Parse(subject.Subject.Split('-')[1], CultureInfo.InvariantCulture);
        Assert.Equal(index % 4 == 0 ? SubjectPlanner.Younger : null, subject.Kept);
        Assert.Equal(index % 4 == 0, subject.IsYoung);
        Assert.Equal("all streams: erase personal data after 30 days", subject.Policy);
    }

    private static async Task<IReadOnlyList<ExpiredSubject>> List(SubjectPlanner planner)
    {
        var found = new List<ExpiredSubject>();
        await foreach (var subject in planner.Find(default))
            found.Add(subject);
        return found;
    }

    private static RetentionRules Rules(int days)
    {
        var options = new RetentionOptions();
        options.AllStreams().ErasePersonalDataAfter(
            days == 0 ? RetentionPeriod.Hours(1) : RetentionPeriod.Days(days));
        return new RetentionRules(new RetentionDeclaration { Rules = options.BuildRules() }, "");
    }

    private static RetentionRules NoRules() => new(RetentionDeclaration.Empty, "");

    private SubjectPlanner Planner(int maxEntries, params int[] days) =>
        Planner(maxEntries, rules: [.. days.Select(Rules)]);

    private SubjectPlanner Planner(int maxEntries, IReadOnlyList<RetentionRules> rules) => new(
        new ErasureScope(_store, "", ""),
        rules,
        (recorded, _, _) => new(Now.AddDays(-_ages[recorded.Position])),
        Now,
        maxEntries);

    private Task<AppendResult> Register(int customer, int age) =>
        Append($"customer-{customer}", "customer.registered", """{"email":"ada@example.org"}""", age);

    private Task<AppendResult> Invite(int customer, int age, string? stream = null) => Append(
        stream ?? $"party-{customer}",
        "party.planned",
        $$"""{"guests":[{"id":{{customer}},"name":"Ada Lovelace"}]}""",
        age);

    private async Task<AppendResult> Append(string stream, string type, string json, int age)
    {
        var appended = await _store.Append(
            new StreamId(stream), ExpectedVersion.Any, [NewEvent.FromBytes(type, Encoding.UTF8.GetBytes(json))]);
        _ages[appended.Position] = age;
        return appended;
    }
}
