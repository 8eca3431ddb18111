using System.Runtime.CompilerServices;
using Millrace.Storage.Objects;

namespace Millrace.Backups;

/// <summary>
/// Limits the time of each operation of object storage, so that a place that does not answer is a failure. An operation
/// that does not end keeps its slot, so that hanging operations do not accumulate.
/// </summary>
internal sealed class LimitedObjectStorage(
    IObjectStorage inner, TimeSpan timeout, TimeProvider time, Action<long> stored) : IObjectStorage, IDisposable
{
    private const int MaxOperations = 4;

    private readonly SemaphoreSlim _slots = new(MaxOperations);

    public string Description => inner.Description;

    public async ValueTask Put(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        await Run(
            async cancel =>
            {
                await inner.Put(name, content, cancel).ConfigureAwait(false);
                return 0;
            },
            cancellationToken).ConfigureAwait(false);
        stored(content.Length);
    }

    public async ValueTask<ReadOnlyMemory<byte>?> Get(string name, CancellationToken cancellationToken) =>
        await Run(async cancel => await inner.Get(name, cancel).ConfigureAwait(false), cancellationToken)
            .ConfigureAwait(false);

    public async IAsyncEnumerable<StoredObject> List(
        string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var objects = await Run(
            async cancel =>
            {
                var listed = new List<StoredObject>();
                await foreach (var one in inner.List(prefix, cancel).ConfigureAwait(false))
                    listed.Add(one);
                return listed;
            },
            cancellationToken).ConfigureAwait(false);
        foreach (var one in objects)
            yield return one;
    }

    public async ValueTask Delete(string name, CancellationToken cancellationToken) => await Run(
        async cancel =>
        {
            await inner.Delete(name, cancel).ConfigureAwait(false);
            return 0;
        },
        cancellationToken).ConfigureAwait(false);

    public void Dispose() => _slots.Dispose();

    private async Task<T> Run<T>(Func<CancellationToken, Task<T>> operation, CancellationToken cancellationToken)
    {
        if (!await _slots.WaitAsync(timeout, cancellationToken).ConfigureAwait(false))
            throw NoAnswer();
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        // An operation may block its thread.
        var task = Task.Run(() => operation(limited.Token), CancellationToken.None);
        _ = task.ContinueWith(
            static (ended, slots) =>
            {
                _ = ended.Exception; // The caller has reported that there was no answer.
                ((SemaphoreSlim)slots!).Release();
            },
            _slots,
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
        try
        {
            return await task.WaitAsync(timeout, time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            await limited.CancelAsync().ConfigureAwait(false);
            throw NoAnswer();
        }
    }

    private ObjectStorageException NoAnswer() => new(
        $"{Description} did not answer within {timeout.TotalSeconds:0.#} seconds.", ObjectStorageProblem.Unavailable);
}
