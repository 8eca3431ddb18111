namespace Millrace.Caching.Tests;

/// <summary>Tests that no erased value remains in the memory of the cache.</summary>
public sealed class ErasedAnswerTests : IDisposable
{
    private readonly ShopFile _file = new();

    public void Dispose() => _file.Dispose();

    [Fact]
    public async Task Answers_are_removed_from_memory_when_keys_are_destroyed()
    {
        await using var node = await Node.Start(_file.Open());
        await node.Append("recipient-1", new RecipientNamed("1", "Ada Lovelace"));
        await node.AskUntilCached(new GetRecipient("1"));
        var before = node.CountEntries();

        node.Store.Stored.ForgetValues();

        Assert.Equal((1, 0), (before, node.CountEntries()));
    }

    [Fact]
    public async Task An_answer_that_was_read_before_keys_were_destroyed_does_not_remain_in_memory()
    {
        await using var node = await Node.Start(_file.Open());
        var moved = await node.Move("1", "hall");
        await node.Ask(new CountParcels("hall"), moved); // The read model has reached the move.
        var reading = new TaskCompletionSource();
        var resume = new TaskCompletionSource();
        node.Calls.BeforeAnswer = () =>
        {
            reading.TrySetResult();
            return resume.Task;
        };
        var asked = node.Ask(new GetParcel("1"));
        await reading.Task.WaitAsync(Node.WaitTimeout);

        node.Store.Stored.ForgetValues();
        resume.SetResult();
        await asked.WaitAsync(Node.WaitTimeout);

        Assert.Equal(0, node.CountEntries());
    }
}
