namespace Millrace;

/// <summary>
/// A rule of the application for erasures. Register it as a service. It applies to all erasures: those of the
/// application's code, of operators and of retention.
/// </summary>
public interface IErasureRule
{
    /// <summary>
    /// Prepares the application for an approved erasure, for example closes the account of a customer, or refuses the
    /// erasure. It is called after the check of legal holds and before any key is destroyed, and again if the erasure
    /// is continued, so it must be repeatable. The effect must be lasting: after a rule has allowed the erasure, the
    /// application must not do what the rule would refuse.
    /// </summary>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>Null to start the erasure, and otherwise the reason for the refusal. The reason is stored unencrypted,
    /// so it must not contain personal data.</returns>
    ValueTask<string?> Prepare(ErasureRequest request, CancellationToken cancellationToken);
}
