using Millrace.Storage;
using Millrace.Testing;

namespace Millrace.Tests.Erasing;

/// <summary>Tests that an erasure continues after a failure of any of its commits.</summary>
public sealed class ErasureFaultTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_erasure_continues_after_a_fault_at_any_commit(bool isWritten)
    {
        var faults = 0;
        for (var number = 1; await ContinuesAfter(number, isWritten); number++)
            faults++;

        Assert.True(faults > 12, $"Only {faults} commits failed.");
    }

    /// <summary>Returns false if an erasure has fewer commits than the number.</summary>
    private static async Task<bool> ContinuesAfter(int number, bool isWritten)
    {
        var commits = 0;
        var isActive = false;
        var hasFailed = false;
        ValueTask Fail(IReadOnlyList<CommitRequest> batch, int _)
        {
            if (!isActive || !batch.Any(IsOfErasure) || ++commits != number)
                return default;
            hasFailed = true;
            throw new StorageException("The disk fails.", StorageProblem.Other);
        }
        await using var sample = await ErasureSample.Create(inner =>
        {
            var faulty = new FaultInjectingStorage(inner);
            if (isWritten)
                faulty.AfterCommit = Fail;
            else
                faulty.BeforeCommit = Fail;
            return faulty;
        });
        await sample.GivenEvents();
        await sample.GivenCopies();
        isActive = true;
        var failure = await Record.ExceptionAsync(() => sample.Erase());
        isActive = false;
        if (!hasFailed)
        {
            Assert.Null(failure);
            return false;
        }
        await sample.Restart();
        await sample.Erasures.Resume();

        var info = await sample.Erase();

        // After the keys were destroyed, a restarted program no longer knows the values.
        var certificate = System.Text.Encoding.UTF8.GetString(info.Certificate!.Content.Span);
        Assert.Empty(info.Verified.SelectMany(place => place.Findings));
        Assert.Equal(
            certificate.Contains("All values of the subject", StringComparison.Ordinal),
            info.State == ErasureState.Confirmed);
        Assert.Equal("""{"id":1,"name":"[erased]"}""", await sample.StoredBody("customers@1", "k1"));
        Assert.DoesNotContain(
            await sample.Payloads(ErasureSample.Ada),
            payload => payload.Contains(ErasureSample.Email, StringComparison.Ordinal));
        return true;
    }

    private static bool IsOfErasure(CommitRequest request) =>
        request.Appends.Any(append => append.Stream.Value.StartsWith('$'))
        || request.DeadLetters.Count > 0
        || request.Removals.Count > 0
        || request.Documents.Any(document => document.Collection.StartsWith("customers", StringComparison.Ordinal)
            || document.Collection == "snapshots");
}
