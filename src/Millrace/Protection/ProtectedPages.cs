using Millrace.Storage;

namespace Millrace.Protection;

/// <summary>Decrypts the events of consecutive pages.</summary>
internal sealed class ProtectedPages(IEventPages inner, StoreProtection protection) : IEventPages
{
    /// <summary>Gets whether the storage reads ahead. Decryption runs ahead only if the caller does.</summary>
    public bool ReadsAhead => inner.ReadsAhead && !protection.Model.HasMarks;

    public async ValueTask<EventPage> Next(CancellationToken cancellationToken)
    {
        var page = await inner.Next(cancellationToken).ConfigureAwait(false);
        var events = await protection.Reveal(page.Events, cancellationToken).ConfigureAwait(false);
        return ReferenceEquals(events, page.Events) ? page : page with { Events = events };
    }

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
