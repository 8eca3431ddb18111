namespace Millrace.Tests.Store;

/// <summary>Tests the commit queue with its own thread, as embedded databases need it.</summary>
public sealed class CommitQueueOnThreadTests() : CommitQueueTests(commitsOnCallingThread: true);
