using Millrace.Protection;
using Millrace.Tests.Protection;

namespace Millrace.Tests.Erasing;

/// <summary>Tests that an interrupted erasure continues, and that restored keys are destroyed again.</summary>
public sealed class ErasureCrashTests : IAsyncLifetime
{
    private ErasureSample _sample = null!; // Set by InitializeAsync.

    public async Task InitializeAsync()
    {
        _sample = await ErasureSample.Create();
        await _sample.GivenEvents();
        await _sample.GivenCopies();
    }

    public async Task DisposeAsync() => await _sample.DisposeAsync();

    [Theory]
    [InlineData("erasures.started", "all")]
    [InlineData("values-read", "all")]
    [InlineData("keys-gone", "none")]
    [InlineData("erasures.keys-destroyed", "none")]
    [InlineData("erasures.copies-removed", "none")]
    [InlineData("erasures.verified", "all")]
    [InlineData("erasures.confirmed", "all")]
    public async Task An_interrupted_erasure_continues_at_the_next_start(string step, string values)
    {
        _sample.Options.AfterStep = done =>
        {
            if (done == step)
                throw new InvalidOperationException("The program ends.");
        };
        await Assert.ThrowsAsync<InvalidOperationException>(() => _sample.Erase());
        _sample.Options.AfterStep = null;

        await _sample.Restart();
        await _sample.Erasures.Resume();

        var info = await _sample.Erasures.Find("e1");
        Assert.Equal(values == "all" ? ErasureState.Confirmed : ErasureState.Incomplete, info!.State);
        var certificate = System.Text.Encoding.UTF8.GetString(info.Certificate!.Content.Span);
        Assert.Contains(
            values == "all" ? "All values of the subject" : "Not possible", certificate, StringComparison.Ordinal);
        Assert.Contains(
            values == "all" ? "\"result\":\"complete\"" : "\"result\":\"keys-only\"",
            certificate,
            StringComparison.Ordinal);
        Assert.DoesNotContain(
            ErasureSample.Email, Assert.Single(await _sample.Payloads(ErasureSample.Ada)), StringComparison.Ordinal);
        Assert.Equal("""{"id":1,"name":"[erased]"}""", await _sample.StoredBody("customers@1", "k1"));
    }

    [Fact]
    public async Task An_erasure_that_failed_in_the_same_program_continues_with_the_values()
    {
        var isFirst = true;
        _sample.Options.AfterStep = done =>
        {
            if (done == "erasures.keys-destroyed" && isFirst)
            {
                isFirst = false;
                throw new InvalidOperationException("A failure.");
            }
        };
        await Assert.ThrowsAsync<InvalidOperationException>(() => _sample.Erase());

        var info = await _sample.Erasures.CarryOut("e1");

        Assert.Equal(ErasureState.Confirmed, info.State);
        Assert.Contains(
            "All values",
            System.Text.Encoding.UTF8.GetString(info.Certificate!.Content.Span),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_that_a_restored_key_store_contains_are_destroyed_before_the_store_opens()
    {
        var backup = await _sample.Sample.KeyStore.List(new KeyQuery { Limit = 1_000 }, default);
        await _sample.Erase();
        var restored = new InMemoryKeyStore();
        foreach (var record in backup)
            await restored.Add(record, default);
        _sample.Sample.KeyStore = new RestoredKeyStore(restored, _sample.Sample.KeyStore);

        await _sample.Restart();

        Assert.DoesNotContain(
            ErasureSample.Email, Assert.Single(await _sample.Payloads(ErasureSample.Ada)), StringComparison.Ordinal);
        Assert.Contains(
            "bob@example.org", Assert.Single(await _sample.Payloads("customer-2")), StringComparison.Ordinal);
        var info = await _sample.Erasures.Find("e1");
        Assert.Equal("keys-destroyed-again", info!.Steps[^1].Name);
        Assert.Equal(ErasureState.Confirmed, info.State);
        await Assert.ThrowsAsync<SubjectErasedException>(
            () => _sample.Register(ErasureSample.Ada, "new@example.org"));
        await _sample.Restart();
        Assert.Equal(info.Steps.Count, (await _sample.Erasures.Find("e1"))!.Steps.Count);
    }

    [Fact]
    public async Task A_key_store_from_before_the_subject_gets_a_record_of_the_erasure()
    {
        await _sample.Erase();
        _sample.Sample.KeyStore = new RestoredKeyStore(new InMemoryKeyStore(), _sample.Sample.KeyStore);

        await _sample.Restart();

        await Assert.ThrowsAsync<SubjectErasedException>(
            () => _sample.Register(ErasureSample.Ada, "new@example.org"));
        await _sample.Restart();
        Assert.Single((await _sample.Erasures.Find("e1"))!.Steps, step => step.Name == "keys-destroyed-again");
    }

    [Fact]
    public async Task Another_node_that_commits_after_the_erasure_forgets_the_values_too()
    {
        var other = await _sample.Sample.Open();
        other.Tail.AddReader();
        var forgotten = 0;
        other.Stored.KeysDestroyed += () => Interlocked.Increment(ref forgotten);
        _sample.Options.AfterStep = step =>
        {
            if (step != "erasures.keys-destroyed")
                return;
            var placed = NewEvent.FromBytes("order.placed", "{}"u8.ToArray());
            other.Append(new StreamId("order-9"), ExpectedVersion.Any, [placed]).GetAwaiter().GetResult();
            other.Tail.SetHead(other.Storage.Log.GetHead(default).AsTask().GetAwaiter().GetResult());
        };

        await _sample.Erase();

        await Millrace.Testing.Eventually.Until(() => Volatile.Read(ref forgotten) > 0);
    }

    [Fact]
    public async Task Another_node_forgets_the_keys_and_the_values_at_once()
    {
        var other = await _sample.Sample.Open();
        other.Tail.AddReader();
        var stream = new StreamId(ErasureSample.Ada);
        var forgotten = 0;
        other.Stored.KeysDestroyed += () => Interlocked.Increment(ref forgotten);
        await foreach (var before in other.ReadStream(stream))
            Assert.Contains(
                ErasureSample.Email, ProtectionSample.Text(before.Payload), StringComparison.Ordinal);

        await _sample.Erase();

        await Millrace.Testing.Eventually.Until(() => Volatile.Read(ref forgotten) > 0);
        await foreach (var after in other.ReadStream(stream))
            Assert.DoesNotContain(
                ErasureSample.Email, ProtectionSample.Text(after.Payload), StringComparison.Ordinal);
    }
}
