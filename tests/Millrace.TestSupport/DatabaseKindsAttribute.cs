namespace Millrace.TestSupport;

/// <summary>
/// Runs a theory with each kind of store in files and databases, as <see cref="StoreKindsAttribute"/> does.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class DatabaseKindsAttribute : StoreKindsAttribute
{
    /// <inheritdoc/>
    protected override IEnumerable<StoreKind> Kinds => base.Kinds.Where(static kind => kind != StoreKind.Memory);
}
