using System.Text;
using Millrace.Commands;
using Millrace.Storage;

namespace Millrace.Messaging.Tests;

/// <summary>Tests that answers for idempotency keys are stored encrypted, and are covered by an erasure.</summary>
public sealed class EncryptedAnswerTests : IDisposable
{
    private const string Scope = "register-person";

    private static readonly CancellationToken Cancel = CancellationToken.None;
    private static readonly SendOptions Once = new() { IdempotencyKey = "once" };
    private static readonly RegisterPerson Ada = new("7", Persons.Name);

    private readonly Persons _persons = new();

    public void Dispose() => _persons.Dispose();

    [Theory]
    [StoreKinds]
    public async Task A_marked_value_of_a_stored_answer_is_encrypted_and_given_again(StoreKind kind)
    {
        using var storage = await SharedStore.Create(kind);
        await using var node = await Start(storage);

        var first = await node.Commands.Send(Ada, Once);
        var again = await node.Commands.Send(Ada, Once);

        Assert.Equal((first.Value, first.Token, true), (again.Value, again.Token, again.WasRepeated));
        Assert.Equal((Persons.Name, 1), (again.Value.Name, _persons.Handled));
        var stored = await StoredAnswer(node, "once");
        Assert.DoesNotContain(Persons.Name, stored, StringComparison.Ordinal);
        Assert.Contains("\"name\":\"~enc1.", stored, StringComparison.Ordinal);
        Assert.Contains("\"command\":\"~enc1.", stored, StringComparison.Ordinal);
        Assert.Contains("\"encrypted\":[\"/command\",\"/value/name\"]", stored, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_file_of_the_store_contains_the_value()
    {
        using var storage = await SharedStore.Create(StoreKind.Sqlite);
        await using (var node = await Start(storage))
        {
            await node.Commands.Send(Ada, Once);
            await Assert.ThrowsAsync<InvariantViolatedException>(async () =>
                await node.Commands.Send(new RegisterPerson("nobody", Persons.Name), Refusable("refused")));
        }

        foreach (var file in Directory.GetFiles(Path.GetDirectoryName(storage.File)!))
            Assert.True(
                (await File.ReadAllBytesAsync(file)).AsSpan().IndexOf(Encoding.UTF8.GetBytes(Persons.Name)) < 0, file);
    }

    [Theory]
    [StoreKinds]
    public async Task After_an_erasure_a_repeated_command_gets_the_erased_value_and_is_not_handled_again(StoreKind kind)
    {
        using var storage = await SharedStore.Create(kind);
        await using var node = await Start(storage);
        await node.Commands.Send(Ada, Once);
        await node.Commands.Send(new RegisterPerson("8", "Grace"), new SendOptions { IdempotencyKey = "other" });

        await Persons.Erase(node, "7");

        var erased = await node.Commands.Send(Ada, Once);
        var other = await node.Commands.Send(
            new RegisterPerson("8", "Grace"), new SendOptions { IdempotencyKey = "other" });
        Assert.Equal(new PersonAnswer("7", "[erased]", 1), erased.Value);
        Assert.Equal(new PersonAnswer("8", "Grace", 2), other.Value);
        Assert.True(erased.WasRepeated);
    }

    [Fact]
    public async Task The_first_answer_after_an_erasure_is_complete_and_its_stored_form_is_erased()
    {
        using var storage = await SharedStore.Create(StoreKind.Memory);
        await using var node = await Start(storage);
        await node.Commands.Send(Ada, Once);
        await Persons.Erase(node, "7");

        var first = await node.Commands.Send(Ada, new SendOptions { IdempotencyKey = "late" });
        var again = await node.Commands.Send(Ada, new SendOptions { IdempotencyKey = "late" });

        Assert.Equal((Persons.Name, "[erased]"), (first.Value.Name, again.Value.Name));
    }

    [Fact]
    public async Task A_refusal_is_stored_encrypted_and_its_deadline_can_be_extended()
    {
        using var storage = await SharedStore.Create(StoreKind.Sqlite);
        await using var node = await Start(storage);
        var nobody = new RegisterPerson("nobody", Persons.Name);

        await Assert.ThrowsAsync<InvariantViolatedException>(async () =>
            await node.Commands.Send(nobody, Refusable("refused")));
        var stored = await StoredAnswer(node, "refused");
        var again = await Assert.ThrowsAsync<CommandAlreadyRefusedException>(async () =>
            await node.Commands.Send(nobody, Refusable("refused", minutes: 20)));

        Assert.DoesNotContain(Persons.Name, stored, StringComparison.Ordinal);
        Assert.Contains("\"problem\":\"~enc1.", stored, StringComparison.Ordinal);
        Assert.Contains($"{Persons.Name} is not known.", again.Message, StringComparison.Ordinal);
        Assert.NotEqual(stored, await StoredAnswer(node, "refused"));
    }

    [Fact]
    public async Task A_used_key_with_another_command_is_refused_although_the_digest_is_encrypted()
    {
        using var storage = await SharedStore.Create(StoreKind.Memory);
        await using var node = await Start(storage);
        await node.Commands.Send(Ada, Once);

        await Assert.ThrowsAsync<IdempotencyKeyReusedException>(async () =>
            await node.Commands.Send(new RegisterPerson("7", "Grace"), Once));
    }

    [Fact]
    public async Task An_answer_whose_mark_was_removed_is_still_decrypted()
    {
        using var storage = await SharedStore.Create(StoreKind.Sqlite);
        await using var marked = await Start(storage);
        await marked.Commands.Send(Ada, Once);

        await using var unmarked = await Start(storage, marks: static _ => { });
        var again = await unmarked.Commands.Send(Ada, Once);

        Assert.Equal((Persons.Name, true), (again.Value.Name, again.WasRepeated));
    }

    [Fact]
    public async Task An_answer_from_before_the_mark_is_given_again()
    {
        using var storage = await SharedStore.Create(StoreKind.Sqlite);
        await using var unmarked = await Start(storage, marks: static _ => { });
        await unmarked.Commands.Send(Ada, Once);

        await using var marked = await Start(storage);
        var again = await marked.Commands.Send(Ada, Once);

        Assert.Equal((Persons.Name, true), (again.Value.Name, again.WasRepeated));
    }

    [Fact]
    public async Task An_answer_without_the_id_of_its_subject_is_refused_and_nothing_is_written()
    {
        using var storage = await SharedStore.Create(StoreKind.Memory);
        await using var node = await Start(storage);

        var refused = await Assert.ThrowsAsync<ProtectedValueException>(async () =>
            await node.Commands.Send(new RegisterPerson("", Persons.Name), Once));

        Assert.Contains("/value/person", refused.Reason, StringComparison.Ordinal);
        Assert.Equal("", await StoredAnswer(node, "once"));
        Assert.False(await node.Store.ReadStream(new StreamId("number-1")).AnyAsync());
    }

    [Fact]
    public async Task An_answer_that_was_moved_to_another_key_is_not_decrypted()
    {
        using var storage = await SharedStore.Create(StoreKind.Memory);
        await using var node = await Start(storage);
        await node.Commands.Send(Ada, Once);
        var moved = await node.Store.Storage.Log.FindHandled(Scope, "once", Cancel);
        var request = new AppendRequest();
        request.With(new HandledMark(Scope, "other", moved!.Answer, DateTimeOffset.UtcNow.AddHours(1)));
        await node.Store.TryAppend(request, Cancel);

        var refused = await Assert.ThrowsAsync<StorageException>(async () =>
            await node.Commands.Send(Ada, new SendOptions { IdempotencyKey = "other" }));

        Assert.Equal(StorageProblem.Damaged, refused.Problem);
        Assert.Contains("moved from another place", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [StoreKinds]
    public async Task Answers_are_encrypted_again_after_their_keys_were_replaced(StoreKind kind)
    {
        using var storage = await SharedStore.Create(kind);
        await using var node = await Start(storage);
        for (var person = 0; person < 250; person++)
            await node.Commands.Send(
                new RegisterPerson($"{person}", Persons.Name), new SendOptions { IdempotencyKey = $"k{person}" });
        foreach (var record in await _persons.Keys.List(new KeyQuery { Limit = 1_000 }, Cancel))
            await node.Keys.Replace(record.Owner);
        var before = await StoredAnswer(node, "k7");
        var maintenance = new KeyMaintenance(node.Store, node.Keys);

        var result = await maintenance.Reencrypt(new ReencryptionRequest("ann", "stolen laptop"));

        Assert.Equal((250, 0), (result.Rewritten, result.Remaining));
        Assert.NotEqual(before, await StoredAnswer(node, "k7"));
        Assert.Empty((await maintenance.Verify()).Replaced);
        var again = await node.Commands.Send(
            new RegisterPerson("7", Persons.Name), new SendOptions { IdempotencyKey = "k7" });
        Assert.Equal((Persons.Name, true), (again.Value.Name, again.WasRepeated));
    }

    [Fact]
    public async Task An_application_without_the_keys_does_not_return_encrypted_values()
    {
        using var storage = await SharedStore.Create(StoreKind.Memory);
        await using var node = await Start(storage);
        await node.Commands.Send(Ada, Once);
        var definition = new CommandDefinition<RegisterPerson, PersonAnswer>(Scope, static (_, _, _) => default);
        var stored = await node.Store.Storage.Log.FindHandled(Scope, "once", Cancel);

        await Assert.ThrowsAsync<KeyStoreException>(async () =>
            await new AnswerProtection(null, definition).Decrypt(
                new IdempotencyKey(Scope, "once", null), stored!.Answer, Cancel));
    }

    [Fact]
    public async Task The_answer_of_a_command_needs_a_subject()
    {
        var refused = await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            using var storage = await SharedStore.Create(StoreKind.Memory);
            await using var node = await Start(
                storage, static model => model.ProtectMessage<PersonAnswer>(new ProtectedMember("/name")));
        });

        Assert.Contains("set the member with the id of the data subject", refused.Message, StringComparison.Ordinal);
    }

    private static SendOptions Refusable(string key, int minutes = 10) => new()
    {
        IdempotencyKey = key,
        RedeliveryDeadline = DateTimeOffset.UtcNow.AddMinutes(minutes),
    };

    private static async Task<string> StoredAnswer(Node node, string key) =>
        await node.Store.Storage.Log.FindHandled(Scope, key, Cancel) is { } found
            ? Encoding.UTF8.GetString(found.Answer.Span)
            : "";

    private Task<Node> Start(SharedStore storage, Action<ModelBuilder>? marks = null) =>
        Node.Start(
            millrace =>
            {
                _persons.UseKeys(millrace);
                millrace.AddModel(_persons.Register).AddModel(marks ?? Persons.Mark);
            },
            storage.Open());
}
