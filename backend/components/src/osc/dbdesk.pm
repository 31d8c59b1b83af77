# What pt-online-schema-change asks between two chunks and before it swaps. It reads one word from a file that dbdesk writes every second:
# go, hold (copy, but do not swap), wait, stop. A file that nobody has written for long means wait; a parent that is gone means stop.
package pt_online_schema_change_plugin;
use strict;
use warnings;
use Time::HiRes qw(sleep time);

use constant STALE_S => 20;
use constant KEEP_AWAKE_S => 10;

sub new {
   my ($class, %args) = @_;
   $| = 1;
   return bless { cxn => $args{cxn}, file => $ENV{DBDESK_OSC_WORD}, parent => $ENV{DBDESK_OSC_PARENT} }, $class;
}

sub word {
   my ($self) = @_;
   open(my $file, '<', $self->{file}) or return 'wait';
   my $written = (stat($file))[9];
   my $word = <$file>;
   close $file;
   return 'wait' unless defined $word && time() - $written < STALE_S;
   chomp $word;
   return $word;
}

sub look {
   my ($self, $swaps) = @_;
   my $awake = time();
   # What is asked for is mostly written at once, and what is not may take hours.
   my $nap = 0.005;
   while (1) {
      $self->give_up('whoever started this is gone') if getppid() != $self->{parent};
      my $word = $self->word();
      $self->give_up('stopped') if $word eq 'stop';
      return if $word eq 'go' || ($word eq 'hold' && !$swaps);
      sleep $nap;
      $nap = $nap * 2 > 0.1 ? 0.1 : $nap * 2;
      if ( time() - $awake > KEEP_AWAKE_S ) {
         $self->{cxn}->dbh()->do('DO 0');
         $awake = time();
      }
   }
}

# A tool that was interrupted leaves its triggers, and so it takes one whose output nobody reads any more.
sub give_up {
   my ($self, $why) = @_;
   if ( $self->{made} ) {
      foreach my $trigger ( split /\n/, $ENV{DBDESK_OSC_TRIGGERS} ) {
         foreach my $try ( 1 .. 60 ) {
            last if eval { $self->{cxn}->dbh()->do("DROP TRIGGER IF EXISTS $trigger"); 1 };
            sleep 0.2;
         }
      }
   }
   die "dbdesk: $why\n";
}

sub say {
   my ($self, $what) = @_;
   print "dbdesk: $what\n";
}

sub init {
   my ($self) = @_;
   # As long as this is held, the tool is at it.
   my ($id) = $self->{cxn}->dbh()->selectrow_array('SELECT CONNECTION_ID() FROM (SELECT GET_LOCK(?, 10)) held', undef,
      $ENV{DBDESK_OSC_LOCK});
   $self->say("connection $id");
   $self->look(0);
}

sub before_create_triggers { my ($self) = @_; $self->look(0); $self->{made} = 1; $self->say('prepares'); }
sub after_create_triggers { my ($self) = @_; $self->say('prepared'); }
sub get_slave_lag { my ($self) = @_; return sub { $self->look(0); return 0; }; }
sub after_copy_rows { my ($self) = @_; $self->say('copied'); }
sub before_swap_tables { my ($self) = @_; $self->look(1); $self->say('swaps'); }

sub after_swap_tables {
   my ($self, %args) = @_;
   $self->say("swapped $args{old_tbl}->{tbl}");
}

1;
