using System.Text.Json.Nodes;

namespace Millrace.Security;

/// <summary>Leaves out and masks the members of documents in answers.</summary>
internal interface IAnswerFilter
{
    /// <summary>Returns the read models whose documents values of a type can contain.</summary>
    IReadOnlyList<string> ReadModelsIn(Type type);

    /// <summary>Returns the read models whose documents have a type; empty if documents have other types.</summary>
    IReadOnlyList<string> ReadModelsOf(Type type);

    /// <summary>
    /// Returns the value as JSON without the members that the user may not see; null if the user may see all members.
    /// </summary>
    /// <param name="value">The value.</param>
    /// <param name="type">The type of the value.</param>
    /// <param name="decide">Decides whether the user may view a document, with its members as attributes.</param>
    /// <exception cref="AccessDeniedException">The user may not view a document in the value.</exception>
    JsonNode? Filter(object value, Type type, DocumentDecision decide);

    /// <summary>Returns the filtered JSON as a value.</summary>
    /// <exception cref="AccessDeniedException">The type requires a member that the user may not see.</exception>
    object? ReadBack(JsonNode filtered, Type type);
}

/// <summary>Decides whether a user may view a document of a read model.</summary>
internal delegate AccessOutcome DocumentDecision(string readModel, Func<string, string?> attributes);
