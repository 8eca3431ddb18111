using System.Text;
using Millrace.Storage;
using Millrace.Testing;

namespace Millrace.Tests.Protection;

/// <summary>Tests applications whose personal data is encrypted, on a database and its own key store.</summary>
public abstract class EncryptedApplicationTests
{
    protected const string Passphrase = "correct horse battery staple";

    private const string Email = "ada.marker@example.org";
    private const string Phone = "555-MARKER";
    private const string Address = "12 Marker Street";
    private const string Erased = "[erased]";

    // Also the encoded form, in which a value may be stored by mistake.
    private static readonly string[] Markers = ["marker", Convert.ToBase64String(Encoding.UTF8.GetBytes(Email))];

    [PostgreSqlFact]
    public async Task Values_are_stored_encrypted_and_every_reader_receives_them()
    {
        await using var node = await Start();
        var token = await node.Register("1", Email, Phone);
        var customer = await node.Repository(snapshotEvery: 1).Load<Customer, string>("1");
        customer.Move(Address);
        await node.Repository(snapshotEvery: 1).Save<Customer, string>(customer);

        var found = await First(node.Store.ReadStream(new StreamId("customer-1")));
        var inLog = await First(node.Store.ReadLog(new EventFilter { Types = ["customer.registered"] }));
        Assert.Equal(new Registered("1", Email, Phone), found.Data);
        Assert.Equal(found.Data, inLog.Data);
        Assert.Equal(found.Data, (await node.Store.Find(found.Id))!.Data);
        Assert.Equal([Email], await node.WaitForMails(1));
        Assert.Equal(Email, (await node.ReadView("1", token))!.Email);
        foreach (var every in new int?[] { null, 1 })
        {
            var loaded = await node.Repository(every).Load<Customer, string>("1");
            Assert.Equal((Email, Address), (loaded.Email, loaded.Address));
        }
        await AssertNothingPlain();
    }

    [PostgreSqlFact]
    public async Task Snapshots_are_stored_encrypted_and_restored()
    {
        await using var node = await Start();
        var repository = node.Repository(snapshotEvery: 2);
        var customer = await repository.LoadOrNew<Customer, string>("1");
        customer.Register(Email, Phone);
        await repository.Save<Customer, string>(customer);
        for (var i = 0; i < 6; i++)
        {
            customer = await repository.Load<Customer, string>("1");
            customer.Move($"{Address} {i}");
            await repository.Save<Customer, string>(customer);
        }

        var loaded = await node.Repository(snapshotEvery: 2).Load<Customer, string>("1");

        Assert.Equal((Email, $"{Address} 5"), (loaded.Email, loaded.Address));
        Assert.True(loaded.SnapshotVersion > 0, "No snapshot was used.");
        await AssertNothingPlain();
    }

    [PostgreSqlFact]
    public async Task Commands_of_timers_are_stored_encrypted_and_run()
    {
        await using var node = await Start();
        await node.Timers.Set(new Remind("1", Email), TimeSpan.FromDays(9), new TimerOptions { Key = "later" });
        await AssertNothingPlain();

        await node.Timers.Run("later", "ada", "now please");

        var reminders = await Eventually.Get(
            () => Task.FromResult(node.Reminders), done => !done.IsEmpty, TestNode.WaitTimeout);
        Assert.Equal([Email], reminders);
        await AssertNothingPlain();
    }

    [PostgreSqlFact]
    public async Task An_edited_dead_letter_is_stored_encrypted_and_handled()
    {
        await using var node = await Start();
        await node.Register("1", "bounce-" + Email, Phone);
        var letter = (await Eventually.Get(
            async () => await node.DeadLetters.List(new DeadLetterQuery()),
            letters => letters.Count == 1,
            TestNode.WaitTimeout))[0];
        var edited = $$"""{"id":"1","email":"{{Email}}","phone":"{{Phone}}"}""";

        await node.DeadLetters.Edit(letter.Id, Encoding.UTF8.GetBytes(edited), new DeadLetterNote("ada", "typo"));

        Assert.Equal([Email], await node.WaitForMails(1));
        await AssertNothingPlain();
    }

    [PostgreSqlFact]
    public async Task A_second_node_reads_and_handles_the_values_of_the_first()
    {
        await using var writer = await Start(runsConsumers: false);
        await writer.Register("1", Email, Phone);
        await using var reader = await Start();

        Assert.Equal([Email], await reader.WaitForMails(1));
        Assert.Equal(new Registered("1", Email, Phone), await reader.ReadLast("1"));
        await reader.Register("1", "second-" + Email, Phone);
        Assert.Equal(new Registered("1", "second-" + Email, Phone), await writer.ReadLast("1"));
        await AssertNothingPlain();
    }

    [PostgreSqlFact]
    public async Task Values_of_a_destroyed_key_are_erased_for_every_reader()
    {
        await using var node = await Start();
        await using var other = await Start(runsConsumers: false);
        var repository = node.Repository(snapshotEvery: 1);
        var token = await node.Register("1", Email, Phone);
        var customer = await repository.Load<Customer, string>("1");
        customer.Move(Address);
        await repository.Save<Customer, string>(customer);
        await node.Register("2", "other-" + Email, Phone);
        await node.WaitForMails(2);
        Assert.Equal(Email, (await node.ReadView("1", token))!.Email);
        await other.ReadLast("1"); // Puts the key into the memory of the other node.

        await node.Keys.Destroy(new KeyOwner("", "customer-1", KeyOwner.AllKinds), CancellationToken.None);
        other.Keys.Forget();

        foreach (var each in new[] { node, other })
        {
            var found = await First(each.Store.ReadStream(new StreamId("customer-1")));
            Assert.Equal(new Registered("1", Erased, Erased), found.Data);
            Assert.Equal(found.Data, (await each.Store.Find(found.Id))!.Data);
            Assert.Equal(
                found.Data,
                (await First(each.Store.ReadLog(new EventFilter { Types = ["customer.registered"] }))).Data);
            Assert.Equal(new Moved("1", Erased), await each.ReadLast("1"));
            Assert.Equal(Erased, (await each.ReadView("1", token))!.Email);
            var loaded = await each.Repository().Load<Customer, string>("1");
            Assert.Equal((Erased, Erased), (loaded.Email, loaded.Address));
            Assert.Equal(new Registered("2", "other-" + Email, Phone), await each.ReadLast("2"));
        }
        await Assert.ThrowsAsync<SubjectErasedException>(() => node.Register("1", Email));
    }

    [PostgreSqlFact]
    public async Task Documents_are_found_by_an_encrypted_value()
    {
        await using var node = await Start();
        await node.Register("1", Email);
        await node.Register("2", "other-" + Email);
        var after = new ReadAfter(await node.Register("3", Email), TestNode.WaitTimeout);

        foreach (var (comparison, value, expected) in new (Comparison, string?, string[])[]
        {
            (Comparison.Equal, Email, ["1", "3"]),
            (Comparison.Equal, "OTHER-" + Email, []),
            (Comparison.NotEqual, Email, ["2"]),
            (Comparison.Equal, null, []),
            (Comparison.NotEqual, null, ["1", "2", "3"]),
        })
        {
            FieldCondition[] conditions = [new("email", comparison, value)];
            var page = await node.Customers.Query(new ReadQuery { Conditions = conditions }, after);
            Assert.Equal(expected, page.Items.Select(view => view.Id));
            Assert.All(page.Items, view => Assert.EndsWith(Email, view.Email, StringComparison.Ordinal));
            Assert.Equal(expected.Length, (await node.Customers.Count(conditions, after)).Value);
        }
        await AssertNothingPlain();
    }

    [PostgreSqlFact]
    public async Task A_query_that_needs_the_order_of_encrypted_values_is_refused()
    {
        await using var node = await Start();
        await node.Register("1", Email);

        var sorted = await Assert.ThrowsAsync<EncryptedFieldException>(
            () => node.Customers.Query(new ReadQuery { OrderBy = "email" }).AsTask());
        foreach (var comparison in Enum.GetValues<Comparison>().Except([Comparison.Equal, Comparison.NotEqual]))
        {
            var compared = await Assert.ThrowsAsync<EncryptedFieldException>(
                () => node.Customers.Count([new FieldCondition("email", comparison, Email)]).AsTask());
            Assert.DoesNotContain("marker", compared.Message, StringComparison.OrdinalIgnoreCase);
        }

        Assert.Equal("email", sorted.Field);
        var other = await node.Customers.Query(new ReadQuery { OrderBy = "changes" });
        Assert.Null(other.Next);
    }

    // Snapshots have no data subject: their key is that of the tenant. An erasure must therefore remove them.
    [PostgreSqlFact]
    public async Task An_erased_subject_without_its_snapshot_loads_with_erased_values()
    {
        await using var node = await Start();
        var repository = node.Repository(snapshotEvery: 1);
        await node.Register("1", Email, Phone);
        var customer = await repository.Load<Customer, string>("1");
        customer.Move(Address);
        await repository.Save<Customer, string>(customer);
        await node.Keys.Destroy(new KeyOwner("", "customer-1", KeyOwner.AllKinds), CancellationToken.None);

        await node.Store.Storage.Documents.Clear("snapshots", null, CancellationToken.None);

        var loaded = await node.Repository(snapshotEvery: 1).Load<Customer, string>("1");
        Assert.Equal((Erased, Erased), (loaded.Email, loaded.Address));
    }

    [PostgreSqlFact]
    public async Task A_wrong_passphrase_keeps_the_application_from_starting()
    {
        await using (var node = await Start())
            await node.Register("1", Email, Phone);

        var refused = await Assert.ThrowsAsync<KeyStoreException>(() => Start("another long passphrase"));

        Assert.Contains("Check the passphrase", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("another long", refused.Message, StringComparison.Ordinal);
    }

    [PostgreSqlFact]
    public async Task A_store_of_encrypted_values_does_not_open_without_its_key_store()
    {
        await using (var node = await Start())
            await node.Register("1", Email, Phone);

        var withoutKeys = await Assert.ThrowsAsync<InvalidOperationException>(() => CustomerNode.Start(UseStore));
        var otherKeys = await Assert.ThrowsAsync<KeyStoreException>(() => CustomerNode.Start(millrace =>
        {
            UseStore(millrace);
            UseOtherKeys(millrace);
        }));

        Assert.Contains("UseSqliteKeys", withoutKeys.Message, StringComparison.Ordinal);
        Assert.Contains("right key store", otherKeys.Message, StringComparison.Ordinal);
    }

    [PostgreSqlTheory]
    [InlineData("moved to another stream")]
    [InlineData("exchanged with another member")]
    [InlineData("changed by one byte")]
    [InlineData("replaced by plain text")]
    public async Task A_value_that_was_changed_in_the_database_is_unreadable(string change)
    {
        await using var node = await Start(runsConsumers: false);
        await node.Register("1", Email, Phone);
        await node.Register("2", "other-" + Email, Phone);
        var payload = Encoding.UTF8.GetString(await ReadPayload("customer-1"));
        var (email, phone) = (ValueOf(payload, "email"), ValueOf(payload, "phone"));
        var changed = change switch
        {
            "moved to another stream" => payload,
            "exchanged with another member" => payload.Replace(email, "~", StringComparison.Ordinal)
                .Replace(phone, email, StringComparison.Ordinal)
                .Replace("\"~\"", $"\"{phone}\"", StringComparison.Ordinal),
            "changed by one byte" => payload.Replace(
                email, email[..^4] + (email[^4] == 'A' ? 'B' : 'A') + email[^3..], StringComparison.Ordinal),
            _ => payload.Replace(email, "eve.marker@example.org", StringComparison.Ordinal),
        };
        var id = change == "moved to another stream" ? "2" : "1";

        await WritePayload($"customer-{id}", Encoding.UTF8.GetBytes(changed));

        var unreadable = Assert.IsType<UnreadableEvent>(await node.ReadLast(id));
        Assert.NotEmpty(unreadable.Reason);
        Assert.DoesNotContain("marker", unreadable.Reason, StringComparison.OrdinalIgnoreCase);
        var other = id == "1" ? "2" : "1";
        Assert.IsType<Registered>(await node.ReadLast(other));
    }

    protected abstract void UseStore(MillraceBuilder millrace);

    protected abstract void UseKeys(MillraceBuilder millrace, string passphrase);

    protected abstract void UseOtherKeys(MillraceBuilder millrace);

    /// <summary>Returns the stored payload of the last event of a stream.</summary>
    protected abstract Task<byte[]> ReadPayload(string stream);

    /// <summary>Replaces the stored payload of the last event of a stream.</summary>
    protected abstract Task WritePayload(string stream, byte[] payload);

    /// <summary>Returns the content of all files of the database of events and of the key store.</summary>
    protected abstract Task<IReadOnlyList<(string Name, byte[] Content)>> ReadFiles();

    internal Task<CustomerNode> Start(string passphrase = Passphrase, bool runsConsumers = true) =>
        CustomerNode.Start(
            millrace =>
            {
                UseStore(millrace);
                UseKeys(millrace, passphrase);
            },
            runsConsumers);

    internal Task<CustomerNode> Start(bool runsConsumers) => Start(Passphrase, runsConsumers);

    private static string ValueOf(string payload, string member)
    {
        var start = payload.IndexOf($"\"{member}\":\"", StringComparison.Ordinal) + member.Length + 4;
        return payload[start..payload.IndexOf('"', start)];
    }

    private static async Task<RecordedEvent> First(IAsyncEnumerable<RecordedEvent> events)
    {
        await foreach (var recorded in events)
            return recorded;
        throw new InvalidOperationException("There are no events.");
    }

    private async Task AssertNothingPlain()
    {
        var files = await ReadFiles();
        Assert.Contains(files, file => Contains(file.Content, "~enc1."));
        foreach (var (name, content) in files)
        {
            foreach (var marker in Markers)
                Assert.False(Contains(content, marker), $"{name} contains '{marker}'.");
        }
    }

    private static bool Contains(ReadOnlySpan<byte> content, string text)
    {
        foreach (var form in new[] { text, text.ToUpperInvariant(), char.ToUpperInvariant(text[0]) + text[1..] })
        {
            if (content.IndexOf(Encoding.UTF8.GetBytes(form)) >= 0)
                return true;
        }
        return false;
    }
}
