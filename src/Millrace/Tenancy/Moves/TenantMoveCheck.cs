using Millrace.Storage;

namespace Millrace.Tenancy.Moves;

/// <summary>Checks before a move whether the tenant has data that cannot be moved.</summary>
internal static class TenantMoveCheck
{
    private const int PageDeadLetters = 1_000;

    /// <summary>Checks a new move before anything is written.</summary>
    /// <exception cref="TenantMoveException">The tenant cannot be moved.</exception>
    public static async ValueTask ThrowIfNotMovable(
        TenantId tenant, TenantPart source, TenantPart target, CancellationToken cancellationToken)
    {
        _ = TenantRowCopier.RowsOf(tenant, source);
        _ = TenantRowCopier.RowsOf(tenant, target);
        await ThrowIfBuilding(tenant, source, cancellationToken).ConfigureAwait(false);
        await ThrowIfEncrypted(tenant, source, cancellationToken).ConfigureAwait(false);
    }

    /// <exception cref="TenantMoveException">A read model is being built.</exception>
    public static async ValueTask ThrowIfBuilding(
        TenantId tenant, TenantPart source, CancellationToken cancellationToken)
    {
        var records = await source.Storage.Documents.ListReadModels(cancellationToken).ConfigureAwait(false);
        if (records.FirstOrDefault(one => one.Building is not null && source.Names.IsOwn(one.Name)) is { } building)
        {
            throw new TenantMoveException(
                tenant.Value,
                $"the read model '{source.Names.ToTenant(building.Name)}' is being built. Wait for the end of the "
                    + "build, or cancel it.",
                isTransient: true);
        }
    }

    /// <exception cref="TenantMoveException">The tenant has edited dead letters with encrypted values.</exception>
    public static async ValueTask ThrowIfEncrypted(
        TenantId tenant, TenantPart source, CancellationToken cancellationToken)
    {
        var consumers = await TenantConsumerCopier.List(source, cancellationToken).ConfigureAwait(false);
        foreach (var consumer in consumers.Select(static one => one.Consumer).Distinct(StringComparer.Ordinal))
        {
            var query = new DeadLetterQuery { Consumer = consumer, IsBrief = true, Limit = PageDeadLetters };
            while (true)
            {
                var page = await source.Storage.DeadLetters.List(query, cancellationToken).ConfigureAwait(false);
                foreach (var letter in page.Where(static one => one.EditedPayload is not null))
                    await ThrowIfEncrypted(tenant, source, letter, cancellationToken).ConfigureAwait(false);
                if (page.Count < PageDeadLetters)
                    break;
                query = query with { After = page[^1].Id };
            }
        }
    }

    /// <summary>The encryption of an edited payload includes the position of its event, which a move changes.</summary>
    private static async ValueTask ThrowIfEncrypted(
        TenantId tenant, TenantPart source, DeadLetter letter, CancellationToken cancellationToken)
    {
        var found = await source.Storage.Log.FindEvent(letter.Stream, letter.EventId, cancellationToken)
            .ConfigureAwait(false);
        if (found is { EncryptionKeyId: null })
            return;
        throw new TenantMoveException(
            tenant.Value,
            $"the dead letter {letter.Id} of the consumer '{source.Names.ToTenant(letter.Consumer)}' has an edited "
                + "payload with encrypted values, which belong to its position in the log. Retry or skip it first.");
    }
}
