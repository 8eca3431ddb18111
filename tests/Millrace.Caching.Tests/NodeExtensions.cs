using Millrace.Testing;

namespace Millrace.Caching.Tests;

internal static class NodeExtensions
{
    /// <summary>Asks until the answer comes from the memory of the node.</summary>
    public static Task<QueryResult<T>> AskUntilCached<T>(this Node node, IQuery<T> query) =>
        Eventually.Get(
            () => node.Ask(query), answer => answer.Source == AnswerSource.ProcessCache, Node.WaitTimeout);
}
