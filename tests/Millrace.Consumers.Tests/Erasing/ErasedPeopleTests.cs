using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Millrace.Storage;

namespace Millrace.Tests.Erasing;

/// <summary>
/// Tests erasures in applications: aggregates, projections, rebuilds, upcasters, several nodes and tenants.
/// </summary>
public sealed class ErasedPeopleTests : IDisposable
{
    private const string Ada = "AdaLovelaceKing18151210";
    private const string Bob = "BobSmithJones19001231";

    private readonly string _folder = Directory.CreateTempSubdirectory("millrace-erasing-").FullName;
    private readonly PeopleKeys _keys = new();

    private string StoreFile => Path.Combine(_folder, "people.db");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [StoreKinds]
    public async Task The_main_path_works(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);

        await Check(millrace => millrace.UseStorage(_ => shared.Open()));
    }

    [Fact]
    public async Task No_byte_of_an_SQLite_store_contains_a_value()
    {
        await Check(millrace => millrace.UseSqlite(StoreFile));

        foreach (var file in Directory.EnumerateFiles(_folder))
        {
            var bytes = await File.ReadAllBytesAsync(file);
            Assert.True(bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(Ada)) < 0, $"{file} contains a value.");
        }
    }

    [Fact]
    public async Task A_rebuild_after_an_erasure_folds_erased_values()
    {
        await using var app = await PeopleApp.Start(millrace => millrace.UseInMemory(), _keys);
        await app.RegisterOld(1, Ada);
        await app.Move(1, "Ockham Park in Surrey");
        await PeopleApp.Erase(app.Erasures, "e1", 1);

        await app.Services.GetRequiredService<Projections>().Rebuild("people@1");

        var document = await app.Document(1);
        Assert.Equal(("[erased]", "[erased]", 2), (document!.Name, document.City, document.Changes));
        Assert.Equal("[ERASED]", (await app.Load(1)).Name); // The upcaster of the first version changes the case.
    }

    [Fact]
    public async Task A_plain_value_is_concealed_at_its_old_path_before_an_upcaster_renames_its_member()
    {
        await using var app = await PeopleApp.Start(millrace => millrace.UseInMemory(), _keys);
        var old = NewEvent.FromBytes("person.registered", Encoding.UTF8.GetBytes($$"""{"fullName":"{{Ada}}"}"""));
        var encoded = app.Store.Encode(new AppendRequest().To(new StreamId("person-1"), ExpectedVersion.Any, old));
        var request = new CommitRequest { Appends = encoded.Appends, IsAsStored = true }; // As before the marks.
        await app.Store.Commit(request, isBackground: false, default);

        var shown = Assert.Single(await app.Store.ReadStream(new StreamId("person-1")).ToListAsync());
        using var concealed = ProtectedValues.Conceal();
        var hidden = Assert.Single(await app.Store.ReadStream(new StreamId("person-1")).ToListAsync());

        Assert.Equal(Ada.ToUpperInvariant(), Assert.IsType<PersonRegistered>(shown.Data).Name);
        Assert.Equal("[ERASED]", Assert.IsType<PersonRegistered>(hidden.Data).Name);
        Assert.Equal("""{"fullName":"[erased]"}""", Encoding.UTF8.GetString(hidden.Payload.Span));
    }

    [Theory]
    [StoreKinds]
    public async Task Another_node_with_cached_keys_and_aggregates_reads_erased_values_at_once(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var first = await PeopleApp.Start(millrace => millrace.UseStorage(_ => shared.Open()), _keys);
        await using var second = await PeopleApp.Start(millrace => millrace.UseStorage(_ => shared.Open()), _keys);
        await first.Register(1, Ada);
        await second.Move(1, "London"); // The aggregate is cached on the second node.
        Assert.Equal(Ada, (await second.Load(1)).Name);

        await PeopleApp.Erase(first.Erasures, "e1", 1);

        // The keys would stay in memory for a minute.
        await Millrace.Testing.Eventually.Get(
            () => second.Load(1).AsTask(), static person => person.Name == "[erased]", TimeSpan.FromSeconds(10));
        await Assert.ThrowsAsync<SubjectErasedException>(() => second.Move(1, "Paris"));
    }

    [Fact]
    public async Task A_state_that_was_read_before_the_erasure_is_not_written_as_a_snapshot()
    {
        await using var app = await PeopleApp.Start(millrace => millrace.UseInMemory(), _keys);
        await app.Register(1, Ada);
        await app.Register(2, Bob);
        var repository = app.Services.GetRequiredService<AggregateRepository>();
        var loaded = await repository.Load<Person, int>(1);
        await PeopleApp.Erase(app.Erasures, "e1", 1);

        loaded.Rate(5);
        await repository.Save<Person, int>(loaded);
        var other = await repository.Load<Person, int>(2);
        other.Rate(5);
        await repository.Save<Person, int>(other);

        var snapshots = app.Store.Storage.Documents;
        Assert.Null(await snapshots.Get("snapshots", "person-1", default));
        Assert.NotNull(await snapshots.Get("snapshots", "person-2", default));
    }

    [Theory]
    [MemberData(nameof(TenantTestStore.All), MemberType = typeof(TenantTestStore))]
    public async Task An_erasure_of_a_tenant_leaves_the_same_person_of_another_tenant(TenantStorageKind kind)
    {
        using var store = await TenantTestStore.Create(kind);
        await using var app = await TenantApp.Start(store, configure: millrace =>
            PeopleApp.Add(millrace.AddModel(People.Register), _keys));
        foreach (var tenant in new[] { "acme", "zeta" })
        {
            await using var scope = await app.Enter(tenant);
            await scope.Store.Append(
                new StreamId("person-1"), ExpectedVersion.Any, [new PersonRegistered(Ada + tenant, "", 0)]);
            await scope.Store.Append(new StreamId("person-1"), ExpectedVersion.Any, [new PersonMoved("Ockham 1815")]);
        }

        ErasureInfo info;
        await using (var scope = await app.Enter("acme"))
        {
            var erasures = scope.Services.GetRequiredService<Erasures>();
            info = await PeopleApp.Erase(erasures, "e1", 1);
            Assert.Equal("[erased]", await NameOf(scope));
        }

        Assert.Empty(info.Verified.SelectMany(place => place.Findings));
        Assert.Equal(ErasureState.Confirmed, info.State);
        Assert.Contains(
            "\"tenant\":\"acme\"", Encoding.UTF8.GetString(info.Certificate!.Content.Span), StringComparison.Ordinal);
        await using var other = await app.Enter("zeta");
        Assert.Equal(Ada + "zeta", await NameOf(other));
        Assert.Empty(await other.Services.GetRequiredService<Erasures>().List());
    }

    [Fact]
    public async Task An_application_without_keys_does_not_start()
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        using var key = System.Security.Cryptography.ECDsa.Create(
            System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        builder.Services.AddMillrace(millrace => millrace
            .UseInMemory()
            .AddErasures(options => options.PrivateKeyPem = key.ExportPkcs8PrivateKeyPem()));
        using var host = builder.Build();

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => host.StartAsync());

        Assert.Contains("no keys", refused.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(
            () => builder.Services.AddMillrace(millrace => millrace.AddErasures(_ => { })));
    }

    private static async Task<string> NameOf(TenantScope scope)
    {
        await foreach (var recorded in scope.Store.ReadStream(new StreamId("person-1")))
            return ((PersonRegistered)recorded.Data).Name;
        throw new InvalidOperationException("There is no event.");
    }

    /// <summary>Erases one of two people, and checks every reader before and after a restart.</summary>
    private async Task Check(Action<MillraceBuilder> storage)
    {
        await using (var app = await PeopleApp.Start(storage, _keys))
        {
            await app.Register(1, Ada);
            await app.Register(2, Bob);
            await app.Move(1, "Ockham Park in Surrey");
            await app.Move(1, "Horsley Towers in Surrey"); // Writes a snapshot.
            await app.Move(2, "Springfield in Illinois");
            Assert.Equal(Ada, (await app.Document(1))!.Name);

            var info = await PeopleApp.Erase(app.Erasures, "e1", 1);

            Assert.Empty(info.Verified.SelectMany(place => place.Findings.Select(one => $"{place.Name}: {one}")));
            Assert.Equal(ErasureState.Confirmed, info.State);
            Assert.True(info.Certificate!.IsSignedBy(PeopleApp.PublicKey));
            Assert.Equal(1, info.Copies.Single(place => place.Name == "snapshots").Changed);
            Assert.Equal(1, info.Copies.Single(place => place.Name == "documents").Changed);
            Assert.Equal(("[erased]", "[erased]"), ((await app.Load(1)).Name, (await app.Load(1)).City));
            Assert.Equal("[erased]", (await app.Document(1))!.Name);
            Assert.Equal(Bob, (await app.Load(2)).Name);
            Assert.Equal(Bob, (await app.Document(2))!.Name);
            var export = Encoding.UTF8.GetString((await app.Erasures.Export("person-2")).Json.Span);
            Assert.Contains(Bob, export, StringComparison.Ordinal);
            await app.Move(2, "Shelbyville in Illinois");
        }
    }
}
