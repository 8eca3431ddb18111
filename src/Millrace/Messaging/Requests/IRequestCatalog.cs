using System.Text.Json;

namespace Millrace.Messaging;

/// <summary>The commands and queries that can be answered here, and how they are written.</summary>
internal interface IRequestCatalog
{
    /// <summary>How commands, queries and their answers are written as JSON.</summary>
    JsonSerializerOptions Json { get; }

    /// <summary>The stable name of a command or query, also of one that is handled elsewhere.</summary>
    string NameOf(Type type);

    /// <summary>The command of a CLR type, or null.</summary>
    CommandDefinition? FindCommand(Type type);

    /// <summary>The query of a CLR type, or null.</summary>
    QueryDefinition? FindQuery(Type type);
}
