using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Serialization;
using Microsoft.Extensions.DependencyInjection;
using Millrace.Storage;
using Millrace.Storage.Moves;
using Millrace.Storage.Objects;
using Millrace.Testing;
using Millrace.Tests.Protection;

namespace Millrace.Tests.Materializing;

public sealed record CustomerRow(string Id, string Email, int Changes);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(CustomerRow))]
internal sealed partial class CustomerRowJson : JsonSerializerContext;

/// <summary>Tests views with personal data, tenants, and copies of the store.</summary>
public sealed class ViewSafetyTests : IDisposable
{
    private const string Email = "ada.marker@example.org";

    private readonly string _directory = Directory.CreateTempSubdirectory("millrace-views-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [StoreKinds]
    public async Task A_view_over_personal_data_contains_no_copy_of_it(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var node = await CustomerNode.Start(millrace => millrace
            .UseStorage(_ => shared.Open())
            .UseInMemoryKeys()
            .AddView(new CustomersView(), CustomerRowJson.Default.CustomerRow));
        var view = node.Services.GetRequiredService<IMaterializedView<string, CustomerRow>>();
        var token = await node.Register("1", Email);

        await view.Refresh(token);
        var row = await view.Get("1");
        var model = await node.Customers.Get("1", token);
        var state = Assert.Single(await node.Services.GetRequiredService<MaterializedViews>().List());
        var stored = await node.Store.Stored.Storage.Documents.Query(
            new DocumentQuery { Collection = state.Collection! }, CancellationToken.None);

        Assert.Equal(Email, model.Value?.Email);
        Assert.Equal(new CustomerRow("1", "[erased] [erased]", 1), row.Value);
        Assert.All(stored.Documents, document => Assert.DoesNotContain(
            "marker", Encoding.UTF8.GetString(document.Body.Span), StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(TenantTestStore.All), MemberType = typeof(TenantTestStore))]
    public async Task Each_tenant_has_its_own_rows(TenantStorageKind kind)
    {
        using var testStore = await TenantTestStore.Create(kind);
        await using var app = await TenantApp.Start(
            testStore,
            configure: millrace => millrace.AddView(new FleetView(ViewRefresh.Manual), FleetJson.Default.Fleet));
        var first = await app.Append("acme", "ada", new Loaded("ada", 4));
        var second = await app.Append("zoo", "ada", new Loaded("ada", 7));
        await using var acme = await app.Enter("acme");
        await using var zoo = await app.Enter("zoo");
        var atAcme = acme.Services.GetRequiredService<IMaterializedView<string, Fleet>>();
        var atZoo = zoo.Services.GetRequiredService<IMaterializedView<string, Fleet>>();

        await atAcme.Refresh(first);
        await atZoo.Refresh(second);

        Assert.Equal(
            (4, 7), ((await atAcme.Get("a")).Value?.Crates, (await atZoo.Get("a")).Value?.Crates));
        Assert.Equal(1, Assert.Single(await acme.Services.GetRequiredService<MaterializedViews>().List()).Rows);
    }

    [Theory]
    [DatabaseKinds]
    public async Task A_moved_store_contains_the_rows(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using (var app = await ViewApp.Start(shared, new FleetView(ViewRefresh.Manual)))
            await app.Fleets.Refresh(await app.Load("ada", 4));
        using var target = await SharedStore.Create(StoreKind.Sqlite);
        await new StoreMove(shared.Open(), target.Open()).Run();

        var view = new FleetView(ViewRefresh.Manual);
        await using var moved = await ViewApp.Start(target, view, runsConsumers: false);
        var row = await moved.Fleets.Get("a");

        Assert.Equal((new Fleet("a", 1, 4), 0), (row.Value, view.Computations));
    }

    [Theory]
    [DatabaseKinds]
    public async Task A_view_is_built_again_after_a_restore(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using (var app = await ViewApp.Start(shared, new FleetView(ViewRefresh.Manual)))
            await app.Fleets.Refresh(await app.Load("ada", 4));
        var place = new DirectoryObjectStorage(_directory);
        await using (var original = shared.Open())
        {
            await original.Open(CancellationToken.None);
            await new StoreBackup(original, place).Run();
        }
        using var copy = await SharedStore.Create(kind);
        await using (var storage = copy.Open())
            await new StoreRestore(place, storage).Run();

        await using var restored = await ViewApp.Start(copy, new FleetView(ViewRefresh.OnRead(TimeSpan.Zero)));
        var row = await Eventually.Get(
            async () => await restored.Fleets.Get("a"), read => read.Value is not null, TestNode.WaitTimeout);

        Assert.Equal(new Fleet("a", 1, 4), row.Value);
    }

    [Theory]
    [StoreKinds]
    public async Task A_missing_collection_is_built_again_by_a_read(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var app = await ViewApp.Start(shared, new FleetView(ViewRefresh.Manual));
        await app.Fleets.Refresh(await app.Load("ada", 4));
        var collection = (await app.State()).Live!;
        await app.Store.Storage.Documents.Drop(collection, DateTimeOffset.MaxValue, CancellationToken.None);

        var row = await app.Fleets.Get("a");

        Assert.Equal(new Fleet("a", 1, 4), row.Value);
        Assert.NotEqual(collection, (await app.State()).Live);
    }

    [Fact]
    public async Task Rows_with_one_key_are_refused_and_the_view_reports_it()
    {
        using var shared = await SharedStore.Create(StoreKind.Memory);
        await using var app = await ViewApp.Start(shared, new TwinView());

        var refused = await Assert.ThrowsAsync<ViewRefreshException>(() => app.Fleets.Refresh());
        var unread = await Assert.ThrowsAsync<ViewNotReadyException>(async () => await app.Fleets.Get("a"));

        Assert.Contains("two of its rows have the key 'a'", refused.Message, StringComparison.Ordinal);
        Assert.Contains("The last refresh failed.", unread.Message, StringComparison.Ordinal);
        Assert.NotNull(Assert.Single(await app.Views.List()).Error);
    }

    private sealed class TwinView() : MaterializedView<string, Fleet>("twins")
    {
        protected internal override string Key(Fleet row) => row.Initial;

        protected internal override async IAsyncEnumerable<Fleet> Rows(
            IViewSource source, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await Task.CompletedTask;
            yield return new Fleet("a", 1, 1);
            yield return new Fleet("a", 2, 2);
        }
    }

    private sealed class CustomersView() : MaterializedView<string, CustomerRow>("customer-rows")
    {
        protected internal override ViewRefresh Refresh => ViewRefresh.OnRead(TimeSpan.FromHours(1));

        protected internal override string Key(CustomerRow row) => row.Id;

        protected internal override async IAsyncEnumerable<CustomerRow> Rows(
            IViewSource source, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            var emails = new Dictionary<string, string>();
            await foreach (var recorded in source.Events(
                EventFilter.OfTypes("customer.registered"), cancellationToken))
            {
                if (recorded.Data is Registered registered)
                    emails[registered.Id] = registered.Email;
            }
            await foreach (var customer in source.Documents<string, CustomerView>(null, cancellationToken))
            {
                // The first refresh starts automatically. A customer can register after it has read the events.
                var email = emails.GetValueOrDefault(customer.Id);
                yield return new CustomerRow(customer.Id, $"{email} {customer.Email}", customer.Changes);
            }
        }
    }
}
