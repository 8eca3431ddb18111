using System.Runtime.CompilerServices;
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
            var own = new List<StoredClaim>();
            await foreach (var claim in Read(scope, cancellationToken).ConfigureAwait(false))
            {
                rows++;
                if (scope.IsOwnedBy(claim.Owner, task.Request.Subject))
                    own.Add(claim);
            }
            foreach (var claim in own)
            {
                var release = Claim.Release(Scope.ToStored(scope.Name), claim.Value, claim.Owner);
                var request = new CommitRequest { Claims = [release], IsAsStored = true };
                var outcome = await Scope.Store
                    .TryCommit(request, isBackground: true, cancellationToken)
                    .ConfigureAwait(false);
                if (outcome.Refusal is not null)
                    throw outcome.Refusal;
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
            if (await IsUnlisted(scope, cancellationToken).ConfigureAwait(false))
                ErasureTask.Add(findings, $"claims of '{scope.Name}': the storage cannot list them");
            await foreach (var claim in Read(scope, cancellationToken).ConfigureAwait(false))
            {
                rows++;
                if (scope.IsOwnedBy(claim.Owner, task.Request.Subject))
                    ErasureTask.Add(findings, $"claims of '{scope.Name}': the subject owns a value");
            }
        }
        return new ErasureLocation(Place, "Every claim in a scope with hashes was read.", rows) { Findings = findings };
    }

    private async ValueTask<bool> IsUnlisted(ProtectedScope scope, CancellationToken cancellationToken) =>
        await Scope.Storage.Log.ListClaims(Scope.ToStored(scope.Name), null, 1, cancellationToken).ConfigureAwait(false)
            is null;

    private async IAsyncEnumerable<StoredClaim> Read(
        ProtectedScope scope, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? after = null;
        do
        {
            var page = await Scope.Storage.Log
                .ListClaims(Scope.ToStored(scope.Name), after, PageClaims, cancellationToken)
                .ConfigureAwait(false) ?? [];
            foreach (var claim in page)
                yield return claim;
            after = page.Count < PageClaims ? null : page[^1].Value;
        }
        while (after is not null);
    }
}
