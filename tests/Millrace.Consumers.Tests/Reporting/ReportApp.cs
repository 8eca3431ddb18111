using System.Data.Common;
using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Auditing.Sealing;
using Millrace.Tests.Auditing;
using Millrace.Tests.Erasing;
using Npgsql;

namespace Millrace.Tests.Reporting;

/// <summary>A running application with marked members, erasures, rights, an audit trail and reports.</summary>
internal sealed class ReportApp : IAsyncDisposable
{
    public const string Hostile = "<script>alert('x')</script>\"&";

    private readonly SharedStore _shared;
    private readonly SealKeys _keys = new();
    private readonly IHost _host;
    private readonly IHost? _preparing; // It closes the keys when it is disposed.

    private ReportApp(SharedStore shared, IHost host, IHost? preparing) =>
        (_shared, _host, _preparing) = (shared, host, preparing);

    public EventStore Store => _host.Services.GetRequiredService<EventStore>();

    public Erasures Erasures => _host.Services.GetRequiredService<Erasures>();

    public RetentionService Retention => _host.Services.GetRequiredService<RetentionService>();

    public AccessControl Access => _host.Services.GetRequiredService<AccessControl>();

    public Reports Reports => _host.Services.GetRequiredService<Reports>();

    public SealEvidence Evidence => new() { KeyFiles = [_keys.PublicKey] };

    public static async Task<ReportApp> Start(
        StoreKind kind,
        Action<ReportsBuilder>? configure = null,
        Action<MillraceBuilder>? extend = null,
        Func<EventStore, Task>? prepare = null)
    {
        var shared = await SharedStore.Create(kind);
        var keys = new PeopleKeys();
        var preparing = prepare is null ? null : await Prepare(shared, keys, prepare);
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMillrace(millrace =>
        {
            millrace
                .UseStorage(_ => shared.Open())
                .AddModel(People.Register)
                .ConfigureConsumers(TestNode.UseShortIntervals)
                .AddAudit()
                .AddAccessControl(access => access
                    .AddNames(AccessAction.Send, "create-payment", "approve-payment")
                    .Role("clerk", role => role.May("send create-payment"))
                    .Role("approver", role => role.May("send approve-payment")))
                .AddReports(configure ?? Declare);
            PeopleApp.Add(millrace, keys);
            extend?.Invoke(millrace);
        });
        var host = builder.Build();
        await host.StartAsync();
        if (prepare is not null)
            await FinishReading(host.Services);
        return new ReportApp(shared, host, preparing);
    }

    /// <summary>
    /// Writes old events. An application writes events with the current time when it starts, so that this one has an
    /// earlier time.
    /// </summary>
    private static async Task<IHost> Prepare(SharedStore shared, PeopleKeys keys, Func<EventStore, Task> prepare)
    {
        var clock = new ManualClock();
        clock.Advance(DateTimeOffset.UtcNow.AddDays(-500) - clock.GetUtcNow());
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton<TimeProvider>(clock);
        builder.Services.AddMillrace(millrace => millrace
            .UseStorage(_ => shared.OpenWithNodeClock())
            .AddModel(model => model.Protect("person.registered", People.RegisteredMembers))
            .UseKeys(_ => keys.Store, options => options.MasterKey = keys.Master));
        var host = builder.Build();
        await host.StartAsync();
        clock.Advance(TimeSpan.FromDays(500));
        await prepare(host.Services.GetRequiredService<EventStore>());
        await host.StopAsync();
        return host;
    }

    /// <summary>Waits until the stored checkpoints include all events, because retention keeps unread events.</summary>
    private static async Task FinishReading(IServiceProvider services)
    {
        var store = services.GetRequiredService<EventStore>();
        var token = await store.GetToken();
        var started = services.GetRequiredService<Consumers>();
        await Testing.Eventually.Get(async () =>
        {
            var table = await store.Storage.Leases.Inspect(DateTimeOffset.UtcNow, default);
            var expected = await started.List();
            return expected.Count > 0 && expected.All(consumer => table.Consumers.Any(record =>
                record.Consumer == consumer.Name && record.Partitions > 0 && record.Checkpoint >= token.Position));
        },
        isRead => isRead);
    }

    public static void Declare(ReportsBuilder reports) => reports
        .Controller(new DataController("Shop Ltd", "1 Harbour Street") { DataProtectionOfficer = "dpo@example.org" })
        .Activity(new ProcessingActivity("Customers", "Sales", "contract (art. 6(1)(b))")
        {
            Subjects = ["customers"],
            Data = ["names", "addresses"],
            Recipients = ["carriers"],
            Retention = "10 years",
            Measures = ["encryption"],
        })
        .Financial("payment", "invoice")
        .Separate("send create-payment", "send approve-payment", "four eyes");

    /// <summary>Appends an event of a payment, as a command does.</summary>
    public async Task<long> Pay(string stream, string command, string? user, string? reason = null)
    {
        var metadata = new EventMetadata { Command = command, UserId = user };
        if (reason is not null)
            metadata = metadata with { Extensions = metadata.Extensions.Add("reason", reason) };
        var content = NewEvent.FromBytes("payment.changed", Encoding.UTF8.GetBytes("""{"amount":12}""")) with
        {
            Metadata = metadata,
        };
        return (await Store.Append(new StreamId(stream), ExpectedVersion.Any, [content])).Position;
    }

    /// <summary>Returns the recorded time of an event.</summary>
    public async Task<DateTimeOffset> TimeOf(long position) =>
        (await Store.ReadLog(EventFilter.All, position - 1).FirstAsync()).Timestamp;

    public Task<AppendResult> Register(int person, string name) => Store.Append(
        new StreamId($"person-{person}"),
        ExpectedVersion.Any,
        [new PersonRegistered(name, $"{name}@example.org", 40)]);

    public Task<ErasureInfo> Request(string id, int person, TimeSpan age, string reason = "asked by letter") =>
        Erasures.Request(new ErasureRequest(id, $"person-{person}", reason, "ann")
        {
            RequestedAt = DateTimeOffset.UtcNow - age,
        });

    public async Task Erase(string id)
    {
        await Erasures.Approve(id, "ben");
        await Erasures.CarryOut(id);
    }

    public Task Grant(string user, string right, string reason = "new task") =>
        Access.Grant(AccessGrantee.User(user), right, new AccessAuthor(null, reason));

    public Task Revoke(string user, string right) =>
        Access.Revoke(AccessGrantee.User(user), right, new AccessAuthor(null, "task ended"));

    public async Task Seal()
    {
        using var signer = SealSigner.Load(_keys.Key, null);
        await SealedLog.Seal(Store, signer);
    }

    /// <summary>Changes the database as a user with full access to it.</summary>
    /// <param name="sql">The statement, with <c>{events}</c> for the table and names for payloads.</param>
    public async Task Execute(string sql)
    {
        await using DbConnection connection = _shared.ConnectionString is { } database
            ? new NpgsqlConnection(database)
            : new SqliteConnection($"Data Source={_shared.File};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        var isFile = _shared.ConnectionString is null;
        string Literal(ReadOnlySpan<byte> bytes) => (isFile ? "x'" : "'\\x") + Convert.ToHexString(bytes) + "'";
        var certificate = Literal("""{"isComplete":true,"certificate":"changed"}"""u8);
        command.CommandText = sql
            .Replace("{certificate}", certificate, StringComparison.Ordinal)
            .Replace("{broken}", Literal("{"u8), StringComparison.Ordinal)
            .Replace("{events}", isFile ? "events" : "millrace.events", StringComparison.Ordinal)
            .Replace("{empty}", Literal("{}"u8), StringComparison.Ordinal);
        Assert.True(await command.ExecuteNonQueryAsync() > 0, "The statement changed nothing.");
    }

    public Task<JsonElement> Json(ReportRequest request) => Json(Reports, request);

    public static async Task<JsonElement> Json(Reports reports, ReportRequest request)
    {
        using var output = new MemoryStream();
        var summary = await reports.Write(request, output);
        var json = JsonDocument.Parse(output.ToArray()).RootElement;
        Assert.Equal(json.GetProperty("findingCount").GetInt64(), summary.FindingCount);
        return json;
    }

    public async Task<string> Html(ReportRequest request)
    {
        using var output = new MemoryStream();
        await Reports.Write(request with { Format = ReportFormat.Html }, output);
        return Encoding.UTF8.GetString(output.ToArray());
    }

    public static IReadOnlyList<JsonElement> Rows(JsonElement report, string section) =>
        [.. report.GetProperty(section).EnumerateArray()];

    public static IReadOnlyList<string?> Texts(JsonElement report, string section, string member) =>
        [.. Rows(report, section).Select(row => row.TryGetProperty(member, out var value) ? value.ToString() : null)];

    /// <summary>
    /// Returns the kinds of the findings, except that a financial category has no stream: most samples have only one.
    /// </summary>
    public static IReadOnlyList<string?> Kinds(JsonElement report) =>
        [.. Texts(report, "findings", "kind").Where(kind => kind != "categoryUnknown")];

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
        _preparing?.Dispose();
        _keys.Dispose();
        _shared.Dispose();
    }
}
