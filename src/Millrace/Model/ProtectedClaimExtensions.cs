using Millrace.Protection;

namespace Millrace;

/// <summary>Protects the values of claims.</summary>
public static class ProtectedClaimExtensions
{
    /// <summary>
    /// Stores the values of the claims of a scope as keyed hashes, because they are personal data or secrets. A store
    /// that has plain claims of the scope does not start, until <see cref="KeyMaintenance.ProtectClaims"/> has replaced
    /// them. The store records the scope: a program that does not protect it cannot claim values.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="scope">The scope of the claims, such as <c>user-email</c>.</param>
    /// <param name="subjectType">The type of the data subject whose id, or whole name, is the owner of a claim, such as
    /// <c>customer</c>. An erasure of the subject releases its claims. Null if the owners are no data subjects.</param>
    /// <param name="kind">The kind of data, whose erasure releases the claims; <c>personal</c> by default.</param>
    public static ModelBuilder ProtectClaims(
        this ModelBuilder model,
        string scope,
        string? subjectType = null,
        string kind = ProtectedMember.DefaultKind)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrEmpty(scope);
        ArgumentException.ThrowIfNullOrEmpty(kind);
        model.ProtectedClaims.Add(new ProtectedScope(scope, subjectType, kind));
        return model;
    }
}
