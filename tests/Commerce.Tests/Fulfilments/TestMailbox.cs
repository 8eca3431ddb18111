using System.Collections.Concurrent;
using Commerce.Mailing;

namespace Commerce.Tests.Fulfilments;

/// <summary>A mailbox that receives mail unless a test closes it.</summary>
internal sealed class TestMailbox : IMailer
{
    public ConcurrentQueue<Mail> Mails { get; } = [];

    public bool IsClosed { get; set; }

    public Task Send(Mail mail, CancellationToken cancellationToken)
    {
        if (IsClosed)
            throw new MailNotSentException("The mailbox is closed.");
        Mails.Enqueue(mail);
        return Task.CompletedTask;
    }
}
