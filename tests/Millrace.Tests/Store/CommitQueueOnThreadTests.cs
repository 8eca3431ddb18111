namespace Millrace.Tests.Store;

/// <summary>The queue with a thread of its own, as embedded databases need it.</summary>
public sealed class CommitQueueOnThreadTests() : CommitQueueTests(commitsOnCallingThread: true);
