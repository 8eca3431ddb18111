using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Generators.Tests.Shop;
using Millrace.Storage;

namespace Millrace.Generators.Tests.Fields;

/// <summary>
/// Tests a generated read model that has an indexed field of every supported type, in a running application.
/// </summary>
public sealed class IndexedTypeTests : IDisposable
{
    private const int Count = 80;

    private static readonly Comparison[] Comparisons =
    [
        Comparison.Equal,
        Comparison.NotEqual,
        Comparison.Less,
        Comparison.LessOrEqual,
        Comparison.Greater,
        Comparison.GreaterOrEqual,
    ];

    private readonly string _directory = Directory.CreateTempSubdirectory("millrace-fields-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Queries_filter_sort_and_page_a_read_model_like_dotnet_compares_its_values(bool isSqlite)
    {
        using var host = await Start(isSqlite);
        var readings = DrawReadings(new Random(290));
        var (model, after) = (Model(host), await Append(host, readings));

        foreach (var member in Members.All)
        {
            foreach (var reading in readings.Take(15))
            {
                foreach (var comparison in Comparisons)
                {
                    var expected = readings.Where(item =>
                        Members.IsMatch(member.Get(item), comparison, member.Get(reading)));
                    var condition = new FieldCondition(member.Name, comparison, member.Field(reading));
                    await AssertFound(model, after, condition, expected);
                }
            }
            await AssertPaged(model, after, readings, member, isDescending: false);
            await AssertPaged(model, after, readings, member, isDescending: true);
        }
        Assert.Empty(
            (
                await host.Services.GetRequiredService<Projections>().Check("readings@1", TimeSpan.FromMinutes(1))
            ).Differences);
        await host.StopAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_value_is_found_by_its_JSON_text(bool isSqlite)
    {
        using var host = await Start(isSqlite);
        var readings = DrawReadings(new Random(291));
        var (model, after) = (Model(host), await Append(host, readings));
        await model.Query(new ReadQuery(), after);
        var page = await host.Services.GetRequiredService<EventStore>().Storage.Documents.Query(
            new DocumentQuery { Collection = "readings@1", Limit = 30 }, default);

        foreach (var document in page.Documents)
        {
            using var body = JsonDocument.Parse(document.Body);
            var reading = readings.Single(item => item.Name == document.Key);
            foreach (var member in Members.All)
            {
                if (!body.RootElement.TryGetProperty(member.Name, out var shown)
                    || shown.ValueKind == JsonValueKind.Null)
                    continue;
                var text = shown.ValueKind == JsonValueKind.String ? shown.GetString() : shown.GetRawText();
                var expected = readings.Where(item => Equals(member.Get(item), member.Get(reading)));
                await AssertFound(model, after, new FieldCondition(member.Name, Comparison.Equal, text), expected);
            }
        }
        await host.StopAsync();
    }

    [Fact]
    public async Task An_enumeration_is_found_by_each_of_its_names_and_its_number()
    {
        using var host = await Start(isSqlite: false);
        var reading = DrawReadings(new Random(1))[0] with { Level = Level.Lowest, Marks = Marks.Seen | Marks.Signed };
        var (model, after) = (Model(host), await Append(host, [reading]));

        foreach (var text in new[] { "very-low", "Lowest", "lowest", "-5" })
            await AssertFound(model, after, new FieldCondition("level", Comparison.Equal, text), [reading]);
        foreach (var text in new[] { "3", "seen, signed", "Signed,Seen" })
            await AssertFound(model, after, new FieldCondition("marks", Comparison.Equal, text), [reading]);
        await AssertFound(model, after, new FieldCondition("level", Comparison.Less, "ratherHigh"), [reading]);
        await AssertFound(model, after, new FieldCondition("level", Comparison.Equal, "7"), []);
        await host.StopAsync();
    }

    [Fact]
    public async Task A_text_that_is_not_a_value_of_the_field_is_refused_and_the_error_contains_it()
    {
        using var host = await Start(isSqlite: false);
        foreach (var (field, text) in new[]
            {
                ("number", "1.5"),
                ("number", "99999999999"),
                ("time", "12/31/2025"),
                ("level", "lowish"),
                ("flag", "yes"),
                ("id", "7"),
                ("day", "01.02.2026"),
                ("letter", "ab"),
                ("exact", "1,5"),
            }
        )
        {
            var query = new ReadQuery { Conditions = [new FieldCondition(field, Comparison.Equal, text)] };
            var refused = await Assert.ThrowsAsync<InvalidValueException>(() => Model(host).Query(query).AsTask());
            Assert.Equal(field, refused.Type);
            Assert.Contains($"'{text}'", refused.Message, StringComparison.Ordinal);
        }
        await host.StopAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_date_and_time_is_sorted_and_compared_by_its_ticks(bool isSqlite)
    {
        using var host = await Start(isSqlite);
        var template = DrawReadings(new Random(2))[0];
        var (december, january) = (new DateTime(2025, 12, 31), new DateTime(2026, 1, 2));
        Reading[] readings =
        [
            template with { Name = "january", Time = january }, template with { Name = "december", Time = december },
            template with { Name = "a tick later", Time = december.AddTicks(1) },
        ];
        var (model, after) = (Model(host), await Append(host, readings));

        var sorted = await model.Query(new ReadQuery { OrderBy = "time" }, after);

        Assert.Equal(["december", "a tick later", "january"], sorted.Items.Select(item => item.Name));
        await AssertFound(
            model, after, new FieldCondition("time", Comparison.Less, new DateTime(2026, 1, 1)), readings[1..]);
        await AssertFound(model, after, new FieldCondition("time", Comparison.Less, "2026-01-01"), readings[1..]);
        await AssertFound(model, after, new FieldCondition("time", Comparison.Equal, december), readings[1..2]);
        await host.StopAsync();
    }

    private async Task<IHost> Start(bool isSqlite)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMillrace(millrace =>
            (
                isSqlite ? millrace.UseSqlite(Path.Combine(_directory, "fields.db")) : millrace.UseInMemory()
            ).AddModel<ShopModel>());
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    private static IReadModel<string, Reading> Model(IHost host) =>
        host.Services.GetRequiredService<IReadModel<string, Reading>>();

    private static async Task<ReadAfter> Append(IHost host, IEnumerable<Reading> readings)
    {
        var events = readings.Select(reading => (object)new ReadingTaken(reading)).ToArray();
        var store = host.Services.GetRequiredService<EventStore>();
        var token = (await store.Append(new StreamId("scale-1"), ExpectedVersion.Any, events)).Token;
        return new ReadAfter(token, TimeSpan.FromMinutes(1));
    }

    private static async Task AssertFound(
        IReadModel<string, Reading> model, ReadAfter after, FieldCondition condition, IEnumerable<Reading> expected)
    {
        var page = await model.Query(new ReadQuery { Conditions = [condition], Limit = 1_000 }, after);
        Assert.True(page.IsFresh);
        var names = expected.Select(item => item.Name).Order(StringComparer.Ordinal);
        Assert.True(names.SequenceEqual(page.Items.Select(item => item.Name)), $"{condition} finds {page.Items.Count}");
        Assert.Equal(page.Items.Count, (await model.Count([condition], after)).Value);
    }

    private static async Task AssertPaged(
        IReadModel<string, Reading> model, ReadAfter after, Reading[] readings, Member member, bool isDescending)
    {
        var expected = readings.OrderBy(member.Get, Members.Order).ThenBy(item => item.Name, StringComparer.Ordinal)
            .Select(item => item.Name).ToList();
        if (isDescending)
            expected.Reverse();
        var query = new ReadQuery { OrderBy = member.Name, IsDescending = isDescending, Limit = 9 };
        var found = new List<string>();
        while (found.Count <= readings.Length)
        {
            var page = await model.Query(query, after);
            found.AddRange(page.Items.Select(item => item.Name));
            if (page.Next is null)
                break;
            query = query with { Cursor = page.Next };
        }
        Assert.True(
            expected.SequenceEqual(found),
            $"{member.Name}: {string.Join(' ', found)} instead of {string.Join(' ', expected)}");
    }

    private static Reading[] DrawReadings(Random random) =>
        [.. Enumerable.Range(0, Count).Select(i => Members.Draw($"reading-{i:00}", random))];
}
