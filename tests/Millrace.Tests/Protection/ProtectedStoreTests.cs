using System.Text;
using System.Text.Json;
using Millrace.Protection;
using Millrace.Storage;

namespace Millrace.Tests.Protection;

/// <summary>Tests that a store encrypts marked values and that all its readers receive the values.</summary>
public sealed class ProtectedStoreTests : IAsyncDisposable
{
    private const string Registered =
        """{"name":"n","email":"ada@example.org","age":36,"phone":"123","token":"t0ken","tag":"~enc1.x"}""";

    private static readonly StreamId Stream = new("customer-1");

    private readonly ProtectionSample _sample = new();

    public ValueTask DisposeAsync() => _sample.DisposeAsync();

    [Fact]
    public async Task Marked_values_are_stored_encrypted()
    {
        var store = await _sample.Open();

        await Append(store, "customer.registered", Registered);

        var stored = await _sample.Stored("customer-1");
        Assert.DoesNotContain("ada@example.org", stored, StringComparison.Ordinal);
        Assert.DoesNotContain("t0ken", stored, StringComparison.Ordinal);
        Assert.Contains("\"name\":\"n\"", stored, StringComparison.Ordinal);
        using var json = JsonDocument.Parse(stored);
        foreach (var member in new[] { "email", "age", "phone", "token" })
            Assert.StartsWith("~enc1.", json.RootElement.GetProperty(member).GetString(), StringComparison.Ordinal);
        var recorded = await _sample.StoredEvent("customer-1");
        Assert.Equal("/email /age /phone /token", string.Join(' ', recorded.Metadata.Encryption!.Fields));
        Assert.Equal(recorded.EncryptionKeyId, recorded.Metadata.Encryption.KeyId);
    }

    [Fact]
    public async Task Every_reader_receives_the_values()
    {
        var store = await _sample.Open();
        await Append(store, "customer.registered", Registered);
        var id = (await _sample.StoredEvent("customer-1")).Id;

        Assert.Equal(Registered, Text(await First(store.ReadStream(Stream))));
        Assert.Equal(Registered, Text(await First(store.ReadStreamBackwards(Stream))));
        Assert.Equal(Registered, Text(await First(store.ReadLog(Of("customer.registered")))));
        Assert.Equal(Registered, Text(await First(store.ReadLogBackwards(Of("customer.registered")))));
        Assert.Equal(Registered, Text((await store.Find(id))!));
        var folded = await store.ReadPage(new StreamPageQuery(Stream, 1, false, 10) { IsFolded = true });
        Assert.Equal(Registered, Text(folded.Events[0]));
        var log = await store.ReadPage(new LogPageQuery(Of("customer.registered"), 1, false, 10));
        Assert.Equal(Registered, Text(log.Events[0]));
    }

    [Fact]
    public async Task Events_without_marked_values_are_stored_unchanged()
    {
        var store = await _sample.Open();

        await Append(store, "customer.moved", Registered);
        await Append(store, "customer.registered", """{"email":null}""", "customer-2");

        Assert.Equal(Registered, await _sample.Stored("customer-1"));
        Assert.Equal("""{"email":null}""", await _sample.Stored("customer-2"));
        Assert.Null((await _sample.StoredEvent("customer-2")).EncryptionKeyId);
    }

    [Fact]
    public async Task Subjects_and_kinds_have_their_own_keys()
    {
        var store = await _sample.Open();
        await Append(store, "customer.registered", Registered);
        await Append(store, "customer.registered", Registered, "customer-2");
        await Append(store, "customer.registered", Registered, "order-1");

        var keys = await _sample.KeyStore.List(new KeyQuery { Limit = 100 }, CancellationToken.None);

        Assert.Equal(
            ["/secret", "customer-1/contact", "customer-1/personal", "customer-2/contact", "customer-2/personal",
                "order-1/contact", "order-1/personal"],
            keys.Select(key => $"{key.Owner.Subject}/{key.Owner.Kind}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_destroyed_key_leaves_the_erased_values()
    {
        var store = await _sample.Open();
        await Append(store, "customer.registered", Registered);

        await _sample.Keys.Destroy(new KeyOwner("", "customer-1", KeyOwner.AllKinds), CancellationToken.None);

        const string erased =
            """{"name":"n","email":"[erased]","age":0,"phone":null,"token":"t0ken","tag":"~enc1.x"}""";
        Assert.Equal(erased, Text(await First(store.ReadStream(Stream))));
    }

    [Fact]
    public async Task One_kind_of_data_can_be_erased()
    {
        var store = await _sample.Open();
        await Append(store, "customer.registered", Registered);

        await _sample.Keys.Destroy(new KeyOwner("", "customer-1", "contact"), CancellationToken.None);

        Assert.Equal(Registered.Replace("\"123\"", "null", StringComparison.Ordinal),
            Text(await First(store.ReadStream(Stream))));
    }

    [Fact]
    public async Task Data_of_an_erased_subject_is_refused_but_erased_values_are_accepted()
    {
        var store = await _sample.Open();
        await Append(store, "customer.registered", Registered);
        await _sample.Keys.Destroy(new KeyOwner("", "customer-1", "personal"), CancellationToken.None);

        var refused = await Assert.ThrowsAsync<SubjectErasedException>(
            () => Append(store, "customer.registered", Registered));
        await Append(store, "customer.registered", """{"email":"[erased]","age":0,"phone":"5"}""");

        Assert.Equal("/email", refused.Path);
        Assert.DoesNotContain("ada", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("customer-1", refused.Message, StringComparison.Ordinal);
        Assert.Equal(2, (await store.GetStream(Stream))!.Version);
    }

    [Fact]
    public async Task Documents_of_an_erased_subject_contain_the_erased_value()
    {
        var store = await _sample.Open();
        await store.Storage.Documents.EnsureCollection(new CollectionDefinition("customers@1", []), default);
        await Write(store, "k", """{"id":1,"name":"Ada"}""");
        var stored = Body(await _sample.Storage.Documents.Get("customers@1", "k", default));
        Assert.DoesNotContain("Ada", stored, StringComparison.Ordinal);
        Assert.Equal("""{"id":1,"name":"Ada"}""", Body(await store.Storage.Documents.Get("customers@1", "k", default)));

        await _sample.Keys.Destroy(new KeyOwner("", "customer-1", "personal"), CancellationToken.None);
        await Write(store, "after", """{"id":1,"name":"Ada"}""");

        const string erased = """{"id":1,"name":"[erased]"}""";
        Assert.Equal(erased, Body(await store.Storage.Documents.Get("customers@1", "k", default)));
        Assert.Equal(erased, Body(await store.Storage.Documents.Get("customers@1", "after", default)));
        Assert.Equal(erased, Body(await _sample.Storage.Documents.Get("customers@1", "after", default)));
    }

    [Fact]
    public async Task A_document_at_another_key_does_not_decrypt()
    {
        var store = await _sample.Open();
        await store.Storage.Documents.EnsureCollection(new CollectionDefinition("customers@1", []), default);
        await Write(store, "k", """{"id":1,"name":"Ada"}""");
        var stored = await _sample.Storage.Documents.Get("customers@1", "k", default);

        var moved = new DocumentChange { Collection = "customers@1", Key = "other", Body = stored!.Body };
        await _sample.Storage.Log.Commit(
            [new CommitRequest { Documents = [moved] }], DateTimeOffset.UtcNow, CancellationToken.None);

        var refused = await Assert.ThrowsAsync<StorageException>(
            async () => await store.Storage.Documents.Get("customers@1", "other", default));
        Assert.Equal(StorageProblem.Damaged, refused.Problem);
    }

    [Theory]
    [InlineData("customer-2", "customer.registered", false)]
    [InlineData("customer-1", "customer.renamed", false)]
    [InlineData("customer-1", "customer.registered", true)]
    public async Task A_value_at_another_place_is_unreadable(string stream, string type, bool hasOtherId)
    {
        var store = await _sample.Open();
        await Append(store, "customer.registered", Registered);
        var original = await _sample.StoredEvent("customer-1");

        await Plant(original, stream, type, original.Payload, hasOtherId ? Guid.CreateVersion7() : original.Id);

        var found = await First(store.ReadStreamBackwards(new StreamId(stream)));
        var unreadable = Assert.IsType<UnreadableEvent>(found.Data);
        Assert.Contains("does not decrypt", unreadable.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain("ada", unreadable.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Values_exchanged_between_members_are_unreadable()
    {
        var store = await _sample.Open();
        await Append(store, "party.planned", """{"guests":[{"id":1,"name":"A"},{"id":1,"name":"B"}]}""", "party-1");
        var original = await _sample.StoredEvent("party-1");
        using var json = JsonDocument.Parse(original.Payload);
        var names = json.RootElement.GetProperty("guests").EnumerateArray()
            .Select(guest => guest.GetProperty("name").GetString()!).ToArray();
        var exchanged = $$"""{"guests":[{"id":1,"name":"{{names[1]}}"},{"id":1,"name":"{{names[0]}}"}]}""";

        await Plant(original, "party-1", "party.planned", Encoding.UTF8.GetBytes(exchanged), original.Id);

        Assert.IsType<UnreadableEvent>((await First(store.ReadStreamBackwards(new StreamId("party-1")))).Data);
    }

    [Fact]
    public async Task A_plain_value_in_place_of_an_encrypted_value_is_unreadable()
    {
        var store = await _sample.Open();
        await Append(store, "customer.registered", """{"email":"ada@example.org"}""");
        var original = await _sample.StoredEvent("customer-1");

        await Plant(
            original, "customer-1", "customer.registered", """{"email":"eve@example.org"}"""u8.ToArray(), original.Id);

        var found = await First(store.ReadStreamBackwards(Stream));
        Assert.Contains("not encrypted", Assert.IsType<UnreadableEvent>(found.Data).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_text_in_the_form_of_an_encrypted_value_is_stored_and_read_as_it_is()
    {
        var store = await _sample.Open();
        var text = "~enc1." + new string('A', 22) + ".AAAA";
        var payload = $$"""{"note":"{{text}}","email":"{{text}}"}""";

        await Append(store, "customer.registered", payload);

        Assert.Equal(payload, Text(await First(store.ReadStream(Stream))));
    }

    [Fact]
    public async Task An_event_that_was_read_can_be_appended_elsewhere_with_its_metadata()
    {
        var store = await _sample.Open();
        await Append(store, "customer.registered", Registered);
        var first = await First(store.ReadStream(Stream));

        var copy = NewEvent.FromBytes("customer.registered", first.Payload) with { Metadata = first.Metadata };
        await store.Append(new StreamId("customer-9"), ExpectedVersion.Any, [copy]);

        Assert.Equal(Registered, Text(await First(store.ReadStream(new StreamId("customer-9")))));
        Assert.DoesNotContain("ada@", await _sample.Stored("customer-9"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_metadata_of_a_copy_without_marks_describes_no_encryption()
    {
        var store = await _sample.Open();
        await Append(store, "customer.registered", Registered);
        var first = await First(store.ReadStream(Stream));

        var copy = NewEvent.FromBytes("customer.seen", """{"x":1}"""u8.ToArray()) with { Metadata = first.Metadata };
        await store.Append(new StreamId("customer-9"), ExpectedVersion.Any, [copy]);

        var found = await First(store.ReadStream(new StreamId("customer-9")));
        Assert.Null(found.Metadata.Encryption);
        Assert.Null(found.EncryptionKeyId);
        Assert.Equal("""{"x":1}""", Text(found));
    }

    [Fact]
    public async Task Encrypted_bytes_are_not_appended_again()
    {
        var store = await _sample.Open();
        await Append(store, "customer.registered", Registered);
        var stored = await _sample.StoredEvent("customer-1");
        var copy = NewEvent.FromBytes("customer.registered", stored.Payload) with
        {
            Id = stored.Id,
            Metadata = stored.Metadata,
        };

        var refused = await Assert.ThrowsAsync<ProtectedValueException>(
            () => store.Append(Stream, ExpectedVersion.Any, [copy]));

        Assert.Contains("millrace import", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Values_that_equal_the_value_after_erasure_are_encrypted_too()
    {
        var store = await _sample.Open();

        await Append(store, "customer.registered", """{"email":"[erased]","age":0}""");

        var stored = await _sample.Stored("customer-1");
        Assert.DoesNotContain("[erased]", stored, StringComparison.Ordinal);
        Assert.DoesNotContain(":0", stored, StringComparison.Ordinal);
        Assert.Equal("""{"email":"[erased]","age":0}""", Text(await First(store.ReadStream(Stream))));
    }

    [Fact]
    public async Task Texts_of_the_same_id_belong_to_one_subject()
    {
        var store = await _sample.Open();
        var id = Guid.CreateVersion7();
        await Append(store, "customer.registered", """{"email":"a@b.c"}""", $"customer-{id:N}");
        await Append(store, "party.planned", $$$"""{"guests":[{"id":"{{{id:B}}}","name":"A"}]}""", "party-1");

        await _sample.Keys.Destroy(new KeyOwner("", $"customer-{id}", KeyOwner.AllKinds), CancellationToken.None);

        Assert.Equal("""{"email":"[erased]"}""", Text(await First(store.ReadStream(new StreamId($"customer-{id:N}")))));
        var party = Text(await First(store.ReadStream(new StreamId("party-1"))));
        Assert.Contains("[erased]", party, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_key_stops_readers_and_gives_up_no_event()
    {
        var store = await _sample.Open();
        await Append(store, "customer.registered", """{"email":"a@b.c"}""");
        var stored = await _sample.StoredEvent("customer-1");
        var other = ProtectionSample.Text(stored.Payload)
            .Replace(stored.EncryptionKeyId!, KeyIds.New(), StringComparison.Ordinal);
        await Plant(stored, "customer-1", "customer.registered", Encoding.UTF8.GetBytes(other), stored.Id);

        var refused = await Assert.ThrowsAsync<KeyStoreException>(() => First(store.ReadStreamBackwards(Stream)));

        Assert.Contains("Restore the newest backup", refused.Message, StringComparison.Ordinal);
        Assert.Equal(FailureClass.System, FailurePolicy.Default.ClassOf(refused, isPure: true));
    }

    [Fact]
    public async Task A_payload_with_half_of_a_surrogate_pair_is_read()
    {
        var store = await _sample.Open();
        const string payload = """{"email":"a@b.c","note":"\ud800"}""";

        await Append(store, "customer.registered", payload);

        Assert.Equal(payload, Text(await First(store.ReadStream(Stream))));
    }

    [Fact]
    public async Task Refused_requests_of_a_group_have_their_own_outcomes()
    {
        var store = await _sample.Open();
        await _sample.Keys.Destroy(new KeyOwner("", "customer-1", "personal"), CancellationToken.None);
        var refused = store.Encode(new AppendRequest().To(Stream, ExpectedVersion.Any, Event(Registered)));
        var accepted = store.Encode(
            new AppendRequest().To(new StreamId("customer-2"), ExpectedVersion.Any, Event(Registered)));

        var both = await store.TryCommitAll([refused, accepted], CancellationToken.None);
        var none = await store.TryCommitAll([refused], CancellationToken.None).WaitAsync(TestData.WaitTimeout);

        Assert.IsType<SubjectErasedException>(both[0].Failure ?? both[0].Outcome!.Refusal);
        Assert.Equal(CommitResult.Committed, both[1].Outcome!.Result);
        Assert.IsType<SubjectErasedException>(none[0].Failure ?? none[0].Outcome!.Refusal);
    }

    [Fact]
    public async Task A_large_message_body_is_encrypted_as_a_whole()
    {
        var store = await _sample.Open();
        await store.Storage.Documents.EnsureCollection(new CollectionDefinition("message-bodies", []), default);
        byte[] body = [.. "marker "u8, 0, 255];
        var change = new DocumentChange { Collection = "message-bodies", Key = "k", Body = body };
        await store.Commit(new CommitRequest { Documents = [change] }, isBackground: false, CancellationToken.None);

        var stored = await _sample.Storage.Documents.Get("message-bodies", "k", default);
        var read = await store.Storage.Documents.Get("message-bodies", "k", default);

        Assert.DoesNotContain("marker", Body(stored), StringComparison.Ordinal);
        Assert.Equal(body, read!.Body.ToArray());
    }

    [Fact]
    public async Task The_edited_payload_of_a_dead_letter_is_encrypted()
    {
        var store = await _sample.Open();
        var letter = new DeadLetter
        {
            Consumer = "mails",
            Position = 1,
            Key = "customer-1",
            Stream = Stream,
            Version = 1,
            EventType = "customer.registered",
            EventId = Guid.Empty,
            State = DeadLetterState.Parked,
            EditedPayload = Encoding.UTF8.GetBytes(Registered),
        };
        await store.Commit(
            new CommitRequest { DeadLetters = [new DeadLetterChange(letter)] }, false, CancellationToken.None);

        var query = new DeadLetterQuery { Consumer = "mails" };
        var stored = Assert.Single(await _sample.Storage.DeadLetters.List(query, default));
        var read = Assert.Single(await store.Storage.DeadLetters.List(query, default));

        Assert.DoesNotContain("ada@", ProtectionSample.Text(stored.EditedPayload!.Value), StringComparison.Ordinal);
        Assert.Equal(Registered, ProtectionSample.Text(read.EditedPayload!.Value));
    }

    [Fact]
    public async Task Encryption_by_the_application_itself_is_left_alone()
    {
        var store = await _sample.Open();
        var own = NewEvent.FromBytes("letter.sent", """{"text":"~enc1.own"}"""u8.ToArray()) with
        {
            Metadata = new EventMetadata { Encryption = new EncryptionInfo("own", "key-1", ["/text"]) },
        };

        await store.Append(new StreamId("letter-1"), ExpectedVersion.Any, [own]);

        var found = await First(store.ReadStream(new StreamId("letter-1")));
        Assert.Equal("""{"text":"~enc1.own"}""", Text(found));
        Assert.Equal("key-1", found.EncryptionKeyId);
    }

    [Fact]
    public async Task A_payload_in_another_format_is_refused()
    {
        var store = await _sample.Open();
        var text = NewEvent.FromBytes("customer.registered", "email=a"u8.ToArray(), contentType: "text/plain");

        var refused = await Assert.ThrowsAsync<ProtectedValueException>(
            () => store.Append(Stream, ExpectedVersion.Any, [text]));

        Assert.Contains("text/plain", refused.Message, StringComparison.Ordinal);
    }

    private static NewEvent Event(string payload) =>
        NewEvent.FromBytes("customer.registered", Encoding.UTF8.GetBytes(payload));

    private static EventFilter Of(string type) => new() { Types = [type] };

    private static string Text(RecordedEvent recorded) => ProtectionSample.Text(recorded.Payload);

    private static string Body(Document? document) => ProtectionSample.Text(document!.Body);

    private static Task<AppendResult> Append(
        EventStore store, string type, string payload, string stream = "customer-1") =>
        store.Append(
            new StreamId(stream), ExpectedVersion.Any, [NewEvent.FromBytes(type, Encoding.UTF8.GetBytes(payload))]);

    private static async Task Write(EventStore store, string key, string body)
    {
        var change = new DocumentChange { Collection = "customers@1", Key = key, Body = Encoding.UTF8.GetBytes(body) };
        await store.Commit(new CommitRequest { Documents = [change] }, isBackground: false, CancellationToken.None);
    }

    private static async Task<RecordedEvent> First(IAsyncEnumerable<RecordedEvent> events)
    {
        await foreach (var recorded in events)
            return recorded;
        throw new InvalidOperationException("There is no event.");
    }

    /// <summary>Writes an event into the storage directly, as somebody with access to the database could.</summary>
    private async Task Plant(RecordedEvent original, string stream, string type, ReadOnlyMemory<byte> payload, Guid id)
    {
        var planted = new EncodedEvent
        {
            Id = stream == "customer-1" || stream == "party-1" ? Unique(id, original) : id,
            Type = type,
            Payload = payload,
            MetadataBytes = original.MetadataBytes,
            EncryptionKeyId = original.EncryptionKeyId,
        };
        var request = new CommitRequest
        {
            Appends = [new StreamAppend(new StreamId(stream), ExpectedVersion.Any, [planted])],
        };
        var outcome = await _sample.Storage.Log.Commit([request], DateTimeOffset.UtcNow, CancellationToken.None);
        Assert.Null(outcome[0].Refusal);
    }

    /// <summary>The id of an event is unique in its stream, so an event in the same stream has another id.</summary>
    private static Guid Unique(Guid id, RecordedEvent original) =>
        id == original.Id ? Guid.CreateVersion7() : id;
}
