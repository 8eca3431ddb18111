using System.Text.Json.Serialization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Storage;

namespace Millrace.Sql.Tests;

/// <summary>A row of the test views: the customers with the same initial.</summary>
public sealed record CreditGroup(string Initial, [property: Indexed] long Customers, decimal TotalCredit);

public sealed record RegisteredDay(DateOnly Day, long Events, DateTimeOffset? Latest);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(CreditGroup))]
[JsonSerializable(typeof(RegisteredDay))]
internal sealed partial class CreditJson : JsonSerializerContext;

/// <summary>Tests materialized views that are declared in SQL.</summary>
public sealed class MaterializedViewTests
{
    private const string Groups =
        """
        SELECT substr(customer, 1, 1) AS initial, count(*) AS customers, sum(credit) AS total_credit
        FROM model_customer_list GROUP BY 1
        """;

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Theory]
    [StoreKinds]
    public async Task Rows_follow_the_read_model_up_to_a_token(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var node = await CrmNode.Start(
            shared.Open(), static millrace => Add(millrace, Groups, ViewRefresh.Manual));
        var view = ViewOf(node);

        await view.Refresh();
        var empty = await view.Count([]);
        await node.Register("ada", "Ada", 10.25m);
        await node.Register("anna", "Anna", 2m);
        await node.Register("bob", "Bob", 7m);
        var token = await node.Store.GetToken(CancellationToken.None);
        var refreshed = await view.Refresh(token);
        var many = await view.Query(
            new ReadQuery { Conditions = [new FieldCondition("customers", Comparison.Greater, 1)] }, token);

        Assert.Equal(0, empty.Value);
        Assert.True(refreshed.IsFresh);
        Assert.Equal(token, refreshed.Reflects);
        Assert.Equal(new CreditGroup("a", 2, 12.25m), Assert.Single(many.Items));
        Assert.Equal(new CreditGroup("b", 1, 7m), (await view.Get("b")).Value);
    }

    [Theory]
    [StoreKinds]
    public async Task A_read_refreshes_the_rows_to_its_token(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var node = await CrmNode.Start(
            shared.Open(),
            static millrace => Add(millrace, Groups, ViewRefresh.OnRead(Hour) with { MaxWait = Minute }));
        var view = ViewOf(node);

        var before = await view.Get("c");
        await node.Register("cyd", "Cyd", 4m);
        var after = await view.Get("c", await node.Store.GetToken(CancellationToken.None));

        Assert.Null(before.Value);
        Assert.Equal((new CreditGroup("c", 1, 4m), true), (after.Value, after.Freshness.IsFresh));
    }

    [Theory]
    [StoreKinds]
    public async Task Rows_of_events_have_dates_and_times(StoreKind kind)
    {
        const string Days =
            """
            SELECT CAST(time AS DATE) AS day, count(*) AS events, max(time) AS latest
            FROM event_customer_registered GROUP BY 1
            """;
        using var shared = await SharedStore.Create(kind);
        await using var node = await CrmNode.Start(shared.Open(), static millrace => millrace.AddView(
            new SqlMaterializedView<DateOnly, RegisteredDay>("days", Days, static row => row.Day)
            {
                Policy = ViewRefresh.Manual,
            },
            CreditJson.Default.RegisteredDay));
        var view = node.Services.GetRequiredService<IMaterializedView<DateOnly, RegisteredDay>>();
        await view.Refresh();
        var empty = await view.Count([]);
        await node.Register("ada", "Ada", 1m);
        var last = await node.Store.ReadLog(EventFilter.All, 0, CancellationToken.None).LastAsync();

        await view.Refresh();
        var row = Assert.Single((await view.Query(new ReadQuery())).Items);

        Assert.Equal(0, empty.Value);
        Assert.Equal((DateOnly.FromDateTime(last.Timestamp.UtcDateTime), 1L), (row.Day, row.Events));
        Assert.True((last.Timestamp - row.Latest!.Value).Duration() < TimeSpan.FromMilliseconds(1)); // Microseconds.
    }

    [Theory]
    [InlineData("SELEC 1", "syntax")]
    [InlineData("SELECT * FROM read_csv('/etc/passwd')", "read_csv")]
    [InlineData("SELECT customer AS initial FROM model_missing", "model_missing")]
    [InlineData("SELECT name AS initial, 1 AS customers, 1 AS total_credit FROM consumers", "consumers")]
    [InlineData("SELECT customer AS initial, 1 AS customers, 1 AS total FROM model_customer_list", "'total'")]
    [InlineData("SELECT customer AS initial, 1 AS customers FROM model_customer_list", "'totalCredit'")]
    [InlineData(
        "SELECT customer AS initial, 1 AS customers, 1 AS customers, 1 AS total_credit FROM model_customer_list",
        "'customers'")]
    [InlineData("SELECT name AS initial, 1 AS customers, 1 AS total_credit FROM model_customer_list", "'name'")]
    [InlineData("SELECT c.NAME AS initial, 1 AS customers, 1 AS total_credit FROM model_customer_list c", "'NAME'")]
    [InlineData(
        "SELECT data->>'$.name' AS initial, 1 AS customers, 1 AS total_credit FROM event_customer_registered",
        "'name'")]
    public async Task A_wrong_statement_is_refused_at_start(string statement, string problem)
    {
        using var shared = await SharedStore.Create(StoreKind.Memory);

        var refused = await Assert.ThrowsAsync<ViewDeclarationException>(() => CrmNode.Start(
            shared.Open(), millrace => Add(millrace, statement, ViewRefresh.Manual)));

        Assert.Equal("groups", refused.View);
        Assert.Contains(problem, refused.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData(
        "SELECT customer AS initial, 'x' AS customers, 1 AS total_credit FROM model_customer_list", "'customers'")]
    [InlineData(
        "SELECT customer AS initial, 1.5 AS customers, 1 AS total_credit FROM model_customer_list", "'customers'")]
    [InlineData("SELECT 'a' AS initial, 1 AS customers, 1 AS total_credit FROM model_customer_list", "key 'a'")]
    [InlineData(
        "SELECT CAST(NULL AS VARCHAR) AS initial, 1 AS customers, 1 AS total_credit FROM model_customer_list",
        "'initial' is NULL")]
    [InlineData("SELECT * FROM model_customer_list", "'name'")]
    [InlineData(
        "SELECT customer AS initial, 1 AS customers, 1 AS total_credit FROM model_customer_list, range(20)", "MaxRows")]
    public async Task A_wrong_answer_fails_the_refresh(string statement, string problem)
    {
        using var shared = await SharedStore.Create(StoreKind.Memory);
        await using var node = await CrmNode.Start(
            shared.Open(),
            millrace => Add(millrace.UseSql(static sql => sql.MaxRows = 10), statement, ViewRefresh.Manual));
        await node.Register("ada", "Ada", 1m);
        await node.Register("anna", "Anna", 1m);

        var failed = await Assert.ThrowsAsync<ViewRefreshException>(() => ViewOf(node).Refresh());

        Assert.Contains(problem, failed.Message, StringComparison.Ordinal);
        Assert.IsType<ViewDeclarationException>(failed.InnerException);
    }

    [Fact]
    public async Task An_application_without_SQL_does_not_start()
    {
        using var shared = await SharedStore.Create(StoreKind.Memory);
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMillrace(millrace => Add(
            millrace.UseStorage(_ => shared.Open()), "SELECT 1", ViewRefresh.Manual));
        using var host = builder.Build();

        var refused = await Assert.ThrowsAsync<ViewDeclarationException>(() => host.StartAsync());

        Assert.Contains("UseSql", refused.Message, StringComparison.Ordinal);
    }

    private static IMaterializedView<string, CreditGroup> ViewOf(CrmNode node) =>
        node.Services.GetRequiredService<IMaterializedView<string, CreditGroup>>();

    private static void Add(MillraceBuilder millrace, string statement, ViewRefresh policy) => millrace.AddView(
        new SqlMaterializedView<string, CreditGroup>("groups", statement, static row => row.Initial)
        {
            Policy = policy,
        },
        CreditJson.Default.CreditGroup);
}
