using System.Text;
using Millrace.Protection;
using Millrace.Storage;

namespace Millrace.Tests.Protection;

/// <summary>Tests the checks of the keys when a store opens.</summary>
public sealed class ProtectionStartupTests : IAsyncDisposable
{
    private static readonly StreamId Stream = new("customer-1");

    private readonly ProtectionSample _sample = new();

    public ValueTask DisposeAsync() => _sample.DisposeAsync();

    [Fact]
    public async Task The_marks_are_declared_once()
    {
        await _sample.Open();
        await _sample.Open();

        var declared = await _sample.StoredEvent("$protection");

        Assert.Equal(1, declared.Version);
        Assert.Contains(
            "\"customer.registered\":[\"/age\",\"/email\"",
            ProtectionSample.Text(declared.Payload),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_key_store_is_refused()
    {
        await _sample.Open();
        await using var other = new ProtectionSample();
        var page = await _sample.Storage.Log.ReadLog(
            new LogPageQuery(EventFilter.All, 1, IsBackwards: false, 10), CancellationToken.None);
        await other.Storage.Open(CancellationToken.None);
        var copy = new EncodedEvent
        {
            Id = page.Events[0].Id,
            Type = page.Events[0].Type,
            Payload = page.Events[0].Payload,
        };
        await other.Storage.Log.Commit(
            [new() { Appends = [new StreamAppend(page.Events[0].Stream, ExpectedVersion.NoStream, [copy])] }],
            DateTimeOffset.UtcNow,
            CancellationToken.None);

        var refused = await Assert.ThrowsAsync<KeyStoreException>(() => other.Open());

        Assert.Contains("right key store", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_application_without_keys_is_refused()
    {
        await _sample.Open();

        var refused = await Assert.ThrowsAsync<KeyStoreException>(
            () => _sample.Open(withKeys: false, types: TestData.Types));

        Assert.Contains("UseSqliteKeys", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tool_without_keys_reads_the_stored_values_and_appends_no_marked_type()
    {
        var store = await _sample.Open();
        await store.Append(Stream, ExpectedVersion.Any, [Registered()]);

        var tool = await _sample.Open(
            withKeys: false, types: TestData.Types, options: new StoreOptions { ReadsWithoutKeys = true });

        await foreach (var recorded in tool.ReadStream(Stream))
        {
            Assert.Contains("~enc1.", ProtectionSample.Text(recorded.Payload), StringComparison.Ordinal);
            Assert.Contains("no keys", Assert.IsType<UnreadableEvent>(recorded.Data).Reason, StringComparison.Ordinal);
        }
        var refused = await Assert.ThrowsAsync<ProtectedValueException>(
            () => tool.Append(Stream, ExpectedVersion.Any, [Registered()]));
        Assert.Contains("Use the application", refused.Message, StringComparison.Ordinal);
        await tool.Append(Stream, ExpectedVersion.Any, [TestData.Event("customer.moved")]);
    }

    [Fact]
    public async Task A_program_without_types_and_keys_appends_no_marked_type()
    {
        await _sample.Open();

        var tool = await _sample.Open(withKeys: false);

        await Assert.ThrowsAsync<ProtectedValueException>(
            () => tool.Append(Stream, ExpectedVersion.Any, [Registered()]));
    }

    [Fact]
    public async Task A_tool_changes_no_command_of_a_timer_but_copies_an_encrypted_one()
    {
        await _sample.Open();
        var tool = await _sample.Open(withKeys: false);
        var token = "~enc1." + new string('A', 22) + "." + new string('A', 40);

        await Assert.ThrowsAsync<ProtectedValueException>(() => tool.Append(
            Stream, ExpectedVersion.Any, [TestData.Event("timers.edited", """{"body":{"email":"a@b.c"}}""")]));
        await tool.Append(
            Stream, ExpectedVersion.Any, [TestData.Event("timers.edited", $$"""{"body":"{{token}}"}""")]);
        await tool.Append(Stream, ExpectedVersion.Any, [TestData.Event("timers.edited", """{"due":"2026-01-01"}""")]);
    }

    [Fact]
    public async Task A_tool_appends_encrypted_bytes_but_no_plain_bytes_with_the_same_metadata()
    {
        var store = await _sample.Open();
        await store.Append(Stream, ExpectedVersion.Any, [Registered()]);
        var stored = await _sample.StoredEvent("customer-1");
        var tool = await _sample.Open(withKeys: false);
        var copy = NewEvent.FromBytes("customer.registered", stored.Payload) with { Metadata = stored.Metadata };
        var plain = Registered() with { Metadata = stored.Metadata };

        await tool.Append(Stream, ExpectedVersion.Any, [copy]);
        await Assert.ThrowsAsync<ProtectedValueException>(() => tool.Append(Stream, ExpectedVersion.Any, [plain]));
    }

    [Fact]
    public async Task An_application_appends_no_plain_value_of_a_type_that_another_application_marks()
    {
        await _sample.Open();
        var other = await _sample.Open(model: ProtectionModel.Empty);

        var refused = await Assert.ThrowsAsync<ProtectedValueException>(
            () => other.Append(Stream, ExpectedVersion.Any, [Registered()]));

        Assert.Contains("declares the type", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task New_marks_of_a_read_model_with_documents_need_a_new_version()
    {
        await _sample.Storage.Open(CancellationToken.None);
        await _sample.Storage.Documents.EnsureCollection(new CollectionDefinition("customers@1", []), default);
        var change = new DocumentChange { Collection = "customers@1", Key = "k", Body = "{}"u8.ToArray() };
        await _sample.Storage.Log.Commit(
            [new CommitRequest { Documents = [change] }], DateTimeOffset.UtcNow, CancellationToken.None);

        var refused = await Assert.ThrowsAsync<KeyStoreException>(() => _sample.Open());

        Assert.Contains("Increase the Version", refused.Message, StringComparison.Ordinal);
    }

    private static NewEvent Registered() =>
        NewEvent.FromBytes("customer.registered", Encoding.UTF8.GetBytes("""{"email":"a@b.c"}"""));
}
