using System.Text;
using Millrace.Events;
using Millrace.Protection;
using Millrace.Storage;
using Millrace.Testing;

namespace Millrace.Tests.Erasing;

/// <summary>Tests that events which only look like those of erasures destroy no keys and stop no erasure.</summary>
public sealed class ErasureForgeryTests : IAsyncLifetime
{
    private ErasureSample _sample = null!; // Set by InitializeAsync.

    public async Task InitializeAsync()
    {
        _sample = await ErasureSample.Create();
        await _sample.GivenEvents();
    }

    public async Task DisposeAsync() => await _sample.DisposeAsync();

    [Theory]
    [InlineData("order-1", ErasureEvents.KeysDestroyed, "event type")]
    [InlineData("order-1", ErasureEvents.Held, "event type")]
    [InlineData("$erasure-x", "order.placed", "stream name")]
    [InlineData("acme/$erasure-x", "order.placed", "stream name")]
    public async Task An_application_cannot_append_them(string stream, string type, string kind)
    {
        var refused = await Assert.ThrowsAsync<InvalidNameException>(() => _sample.Append(stream, type, "{}"));

        Assert.Equal(kind, refused.Kind);
    }

    [Fact]
    public async Task A_tool_appends_them_only_when_it_copies_a_store()
    {
        await using var tool = await _sample.Sample.Open(
            withKeys: false, options: new StoreOptions { ReadsWithoutKeys = true });
        var forged = NewEvent.FromBytes(ErasureEvents.Requested, "{}"u8.ToArray());
        var stream = new StreamId("$erasure-x");

        await Assert.ThrowsAsync<InvalidNameException>(
            () => tool.Append(stream, ExpectedVersion.Any, [forged]));
        await tool.Append(new AppendRequest { CopiesReservedEvents = true }.To(stream, ExpectedVersion.Any, forged));

        Assert.NotNull(await tool.GetStream(stream));
    }

    [Fact]
    public async Task An_erasure_ends_with_an_error_if_the_legal_holds_were_removed_from_the_database()
    {
        await _sample.Erasures.Hold("customer-2", "a lawsuit", "lawyer");
        await _sample.Erasures.Request(ErasureSample.RequestOf());
        await _sample.Erasures.Approve("e1", "lawyer");
        var removal = new StreamRemoval(
            new StreamId("$erasure-holds"), RemovalKind.Delete, 0, ExpectedVersion.Any, "an attack", null);
        await _sample.Store.Commit(
            new CommitRequest { Removals = [removal.Checked()] }, isBackground: false, default);

        var refused = await Assert.ThrowsAsync<ErasureRefusedException>(() => _sample.Erasures.CarryOut("e1"));

        Assert.Contains("refused repeatedly", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_only_starts_like_theirs_is_allowed()
    {
        await _sample.Append("order-$erasure-1", "erasures.planned", "{}");

        Assert.False(PlatformEvents.IsReserved("erasures.planned"));
        Assert.True(PlatformEvents.IsReserved(ErasureEvents.Requested));
    }

    [Theory]
    [InlineData("order-1", "customer-2", "")]
    [InlineData("$erasure-x", "customer-2", "")]
    [InlineData("$erasure-x", "customer-2", "acme")]
    [InlineData("$erasure-e1", "customer-2", "")]
    [InlineData("$erasure-e1", ErasureSample.Ada, "acme")]
    public async Task A_start_destroys_no_keys_for_them(string stream, string subject, string tenant)
    {
        await _sample.Erasures.Request(ErasureSample.RequestOf());
        await _sample.Erasures.Approve("e1", "lawyer");
        await Forge(stream, ErasureEvents.KeysDestroyed, KeysOf(subject, tenant));

        await _sample.Restart();

        await AssertNothingIsErased();
    }

    [Theory]
    [InlineData("order-1", "customer-2", "")]
    [InlineData("$erasure-x", "customer-2", "")]
    [InlineData("$erasure-x", "customer-2", "acme")]
    [InlineData("$erasure-e1", ErasureSample.Ada, "")] // The erasure was not started.
    public async Task A_running_node_erases_nothing_for_them(string stream, string subject, string tenant)
    {
        await _sample.Erasures.Request(ErasureSample.RequestOf());
        await _sample.Erasures.Approve("e1", "lawyer");
        var node = await Watch();
        await Forge(stream, ErasureEvents.KeysDestroyed, KeysOf(subject, tenant, await KeyIds()));
        await Eventually.Until(() => node.Stored.Round > 0);

        await AssertNothingIsErased(node);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Keys_of_other_owners_in_the_event_of_an_erasure_do_not_count(bool restarts)
    {
        await GivenTenantKey();
        var all = await KeyIds();
        var node = await Watch();
        await Forge("$erasure-x", ErasureEvents.Requested, """{"subject":"customer-9"}""");
        await Forge("$erasure-x", ErasureEvents.Approved, "{}");
        await Forge("$erasure-x", ErasureEvents.Started, """{"subject":"customer-9"}""");
        await Forge("$erasure-x", ErasureEvents.KeysDestroyed, KeysOf("customer-9", "", all));
        await Eventually.Until(() => node.Stored.Round > 0);

        if (restarts)
            node = await _sample.Sample.Open();

        foreach (var (stream, email) in People)
            Assert.Contains(email, await TextOf(node, stream), StringComparison.Ordinal);
        Assert.NotNull(await node.Storage.Documents.Get("snapshots", "customer-2", default));
        var registered = NewEvent.FromBytes("customer.registered", """{"email":"nine@example.org"}"""u8.ToArray());
        await Assert.ThrowsAsync<SubjectErasedException>(
            () => node.Append(new StreamId("customer-9"), ExpectedVersion.Any, [registered]));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_check_of_keys_finds_missing_keys_that_they_name(bool isTool)
    {
        var records = await _sample.Sample.KeyStore.List(new KeyQuery { Limit = 100 }, default);
        await Forge("$erasure-x", ErasureEvents.KeysDestroyed, KeysOf("customer-2", "", await KeyIds()));
        await _sample.Erase();
        var store = isTool
            ? await _sample.Sample.Open(withKeys: false, options: new StoreOptions { ReadsWithoutKeys = true })
            : _sample.Store;
        var older = new SwitchedKeyStore(_sample.Sample.KeyStore) { Current = new InMemoryKeyStore() };
        var keys = DataKeys.Of(older, new KeyOptions { MasterKey = _sample.Sample.MasterKey });

        var report = await new KeyMaintenance(store, keys).Verify();

        var subjects = report.Missing
            .Select(missing => records.Single(record => record.Id == missing.KeyId).Owner.Subject);
        Assert.Equal(["customer-2"], subjects.Distinct());
    }

    [Fact]
    public async Task A_start_destroys_no_keys_before_the_erasure_was_started()
    {
        await _sample.Erasures.Request(ErasureSample.RequestOf());
        await _sample.Erasures.Approve("e1", "lawyer");
        await Forge("$erasure-e1", ErasureEvents.KeysDestroyed, KeysOf(ErasureSample.Ada, ""));

        await _sample.Restart();

        await AssertNothingIsErased();
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("no JSON")]
    [InlineData("""{"tenant":null,"subject":null,"kinds":null,"keyIds":null}""")]
    [InlineData("""{"tenant":"","subject":"customer-2","kinds":[null],"keyIds":[null]}""")]
    public async Task A_payload_with_another_form_does_not_stop_the_start(string payload)
    {
        await Forge("order-1", ErasureEvents.KeysDestroyed, payload);
        await Forge("$erasure-x", ErasureEvents.KeysDestroyed, payload);

        await _sample.Restart();

        await AssertNothingIsErased();
        Assert.Equal(ErasureState.Confirmed, (await _sample.Erase()).State);
    }

    [Fact]
    public async Task A_hold_in_another_stream_does_not_keep_an_erasure_waiting()
    {
        await Forge("order-1", ErasureEvents.Held, $$"""{"subject":"{{ErasureSample.Ada}}"}""");
        await Forge("order-1", ErasureEvents.Started, "no JSON");

        var info = await _sample.Erase().WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(ErasureState.Confirmed, info.State);
        await _sample.Erasures.Hold("customer-2", "lawsuit", "lawyer");
    }

    [Fact]
    public async Task A_stream_that_does_not_start_with_a_request_is_no_erasure()
    {
        await Forge("$erasure-x", ErasureEvents.Approved, "{}");
        await Forge("$erasure-y", "order.placed", "no JSON");

        Assert.Empty(await _sample.Erasures.List());
        Assert.Equal(0, await _sample.Erasures.Resume());
        Assert.Null(await _sample.Erasures.Find("x"));
        await _sample.Erasures.Export(ErasureSample.Ada);
        await Assert.ThrowsAsync<ErasureNotFoundException>(() => _sample.Erasures.CarryOut("x"));
    }

    private static readonly (string Stream, string Email)[] People =
        [("customer-2", "bob@example.org"), (ErasureSample.Ada, ErasureSample.Email)];

    private static string KeysOf(string subject, string tenant, string ids = "\"AAAAAAAAAAAAAAAAAAAAAA\"") =>
        $$"""{"tenant":"{{tenant}}","subject":"{{subject}}","kinds":[],"keyIds":[{{ids}}]}""";

    /// <summary>Opens another node that reads the log.</summary>
    private async Task<EventStore> Watch()
    {
        var node = await _sample.Sample.Open();
        node.Tail.AddReader();
        return node;
    }

    private Task GivenTenantKey() => _sample.GivenDocument("snapshots", "customer-2", """{"state":{"n":1}}""");

    /// <summary>Returns the ids of all keys, as in a list in JSON.</summary>
    private async Task<string> KeyIds()
    {
        var keys = await _sample.Sample.KeyStore.List(new KeyQuery { Limit = 100 }, default);
        return string.Join(',', keys.Select(static key => $"\"{key.Id}\""));
    }

    private static async Task<string> TextOf(EventStore store, string stream)
    {
        await foreach (var recorded in store.ReadStream(new StreamId(stream)))
            return Encoding.UTF8.GetString(recorded.Payload.Span);
        return "";
    }

    private static async Task AssertNothingIsErased(EventStore node)
    {
        foreach (var (stream, email) in People)
            Assert.Contains(email, await TextOf(node, stream), StringComparison.Ordinal);
        await node.Append(
            new StreamId("customer-2"),
            ExpectedVersion.Any,
            [NewEvent.FromBytes("customer.registered", """{"email":"b@example.org"}"""u8.ToArray())]);
    }

    /// <summary>Writes an event as a program that bypasses the public methods.</summary>
    private Task<AppendResult> Forge(string stream, string type, string payload) =>
        _sample.Store.Append(new AppendRequest().ToReserved(
            new StreamId(stream), ExpectedVersion.Any, NewEvent.FromBytes(type, Encoding.UTF8.GetBytes(payload))));

    private async Task AssertNothingIsErased()
    {
        Assert.Contains(
            "bob@example.org", Assert.Single(await _sample.Payloads("customer-2")), StringComparison.Ordinal);
        Assert.Contains(
            ErasureSample.Email, Assert.Single(await _sample.Payloads(ErasureSample.Ada)), StringComparison.Ordinal);
        var keys = await _sample.Sample.KeyStore.List(new KeyQuery { Limit = 100 }, default);
        Assert.DoesNotContain(keys, key => key.State == KeyState.Destroyed);
    }
}
