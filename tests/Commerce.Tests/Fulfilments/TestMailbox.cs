using System.Collections.Concurrent;
using Commerce.Mailing;

namespace Commerce.Tests.Fulfilments;

/// <summary>Receives mail, unless it is closed.</summary>
internal sealed class TestMailbox : IMailer
{
    public ConcurrentQueue<Mail> Mails { get; } = [];

    public bool IsClosed { get; set; }

    public Task Send(Mail mail, CancellationToken cancellationToken)
    {
        if (IsClosed)
            throw new MailNotSentException("The postbox is closed.");
        Mails.Enqueue(mail);
        return Task.CompletedTask;
    }
}
