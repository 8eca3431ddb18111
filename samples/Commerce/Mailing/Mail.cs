using Commerce.SharedKernel;

namespace Commerce.Mailing;

/// <summary>A mail to a customer.</summary>
/// <param name="Id">What tells it from others: the same however often it is sent.</param>
public sealed record Mail(Guid Id, Email To, string Subject, string Text)
{
    /// <summary>The address that it comes from.</summary>
    public const string From = "shop@mill.example";

    /// <summary>Its Message-ID, by which mail programs tell a repetition.</summary>
    public string MessageId => $"<{Id:N}@mill.example>";
}
