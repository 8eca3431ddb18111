using Commerce.SharedKernel;

namespace Commerce.Mailing;

/// <summary>A mail to a customer.</summary>
/// <param name="Id">The id of the mail: the same for every attempt.</param>
public sealed record Mail(Guid Id, Email To, string Subject, string Text)
{
    /// <summary>The address of the sender.</summary>
    public const string From = "shop@mill.example";

    /// <summary>The Message-ID, by which mail programs detect a duplicate.</summary>
    public string MessageId => $"<{Id:N}@mill.example>";
}
