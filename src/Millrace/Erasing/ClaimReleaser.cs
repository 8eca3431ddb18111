using Millrace.Protection;
using Millrace.Storage;

namespace Millrace.Erasing;

/// <summary>Releases the claims of a subject in the scopes whose values are stored as hashes.</summary>
internal sealed class ClaimReleaser(ErasureTask task)
{
    private const string Place = "claims";
    private const int PageClaims = 1_000;

    private ErasureScope Scope => task.Scope;

    /// <summary>Gets the scopes with claims of subjects of this type and kind of data.</summary>
    private IEnumerable<ProtectedScope> Scopes => Scope.Protection.Model.Claims.Values.Where(scope =>
        scope.SubjectType is not null && (task.Request.Kinds.Count == 0 || task.Request.Kinds.Contains(scope.Kind)));

    public async Task<ErasureLocation> Release(CancellationToken cancellationToken)
    {
        var (rows, changed) = (0L, 0L);
        foreach (var scope in Scopes)
        {
            var (read, own) = await Find(scope, cancellationToken).ConfigureAwait(false);
            rows += read;
            foreach (var claim in own ?? [])
            {
                var release = Claim.Release(Scope.ToStored(scope.Name), claim.Value, claim.Owner);
                var request = new CommitRequest { Claims = [release], IsAsStored = true };
                await Scope.Store.Commit(request, isBackground: true, cancellationToken).ConfigureAwait(false);
                changed++;
            }
        }
        return new ErasureLocation(Place, "The claims of the subject were released.", rows)
        {
            Matches = changed,
            Changed = changed,
        };
    }

    /// <summary>Reads the claims again.</summary>
    public async Task<ErasureLocation> Verify(CancellationToken cancellationToken)
    {
        var rows = 0L;
        var findings = new List<string>();
        foreach (var scope in Scopes)
        {
            var (read, own) = await Find(scope, cancellationToken).ConfigureAwait(false);
            rows += read;
            if (own is null)
                ErasureTask.Add(findings, $"claims of '{scope.Name}': the storage cannot list them");
            for (var i = 0; i < own?.Count; i++)
                ErasureTask.Add(findings, $"claims of '{scope.Name}': the subject owns a value");
        }
        return new ErasureLocation(Place, "Every claim in a scope with hashes was read.", rows) { Findings = findings };
    }

    /// <summary>
    /// Reads the claims of a scope. Returns those of the subject; null if the storage cannot list claims.
    /// </summary>
    private async ValueTask<(long Rows, List<StoredClaim>? Own)> Find(
        ProtectedScope scope, CancellationToken cancellationToken)
    {
        var rows = 0L;
        var own = new List<StoredClaim>();
        string? after = null;
        do
        {
            if (await Scope.Storage.Log
                .ListClaims(Scope.ToStored(scope.Name), after, PageClaims, cancellationToken)
                .ConfigureAwait(false) is not { } page)
                return (rows, null);
            rows += page.Count;
            own.AddRange(page.Where(claim => scope.IsOwnedBy(claim.Owner, task.Request.Subject)));
            after = page.Count < PageClaims ? null : page[^1].Value;
        }
        while (after is not null);
        return (rows, own);
    }
}
