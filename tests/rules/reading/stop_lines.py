"""Lines that ask for texts to stop, lines that say they reached the wrong person, and lines that do neither."""

STOP_LINES = {
    "en": """
        STOP
        Stop.
        stop!!!
        "STOP"
        STOP STOP STOP
        stop please
        Please stop
        pls stop
        stoppp
        STPO
        st0p
        S.T.O.P.
        STOP 7
        Stop this
        ok stop now
        stop it
        Stop, thanks
        please stop texting me
        PLEASE STOP TEXTING ME!!!
        please stop texing me
        Please stop tetxing me
        stop txting me
        plz stop txtin me
        can you please stop texting me?
        could u stop messaging me
        I want you to stop texting me
        I asked you guys to stop texting me
        you need to stop texting me
        omg stop texting me
        I am at work stop texting me
        why won't you stop texting me
        If you don't stop texting me I'll report you
        Hi this is Sam please stop texting this number
        quit texting me
        Quit messaging me already
        stop sending me texts
        stop sending these messages
        stop sending me this stuff
        please stop sending
        stop the texts
        Stop these messages please
        stop all messages
        stop with the texts
        Please end these texts
        End the text messages
        cancel text messages
        cancel all texts please
        turn off these notifications
        how do I stop these texts?
        How do i unsubscribe
        I want to stop getting these texts
        I'd like to stop receiving messages
        can I stop getting these
        stop contacting me
        stop bothering me
        Please stop harassing me
        don't text me
        Don't text me anymore
        dont text me again
        do not text me
        do not text
        DO NOT TEXT THIS NUMBER
        Do not text this number again
        please don't message me any more
        please do not contact me again
        don't contact me
        never text me again
        I told you not to text me
        Don’t send me texts
        do not send any more messages
        dont send me anything
        I'd rather you do not text me
        I don't want these texts
        I don't want any more messages
        i dont want to get texts anymore
        I do not wish to receive these messages
        I no longer want to receive texts
        No longer want messages
        I don't need these messages anymore
        not interested in these texts
        I don't want to be texted
        I never signed up for these texts
        I did not agree to texts
        I do not consent to text messages
        I revoke my consent
        I withdraw my consent to be texted
        no more texts
        No more messages
        No more messages please
        no more of these texts
        please no more text messages
        I want no more texts from you
        take me off your list
        Take me off the list please
        please take me off your texting list
        take my number off your list
        take me off
        remove me from your list
        Remove me
        please remove me from this list
        remove my number
        remove my number from your system
        please delete my number
        delete my phone number
        lose my number
        unsubscribe
        Unsubscribe me
        unsubscribe please
        unsuscribe me please
        I want to unsubscribe
        unsub
        opt out
        Opt-out
        OPTOUT
        I want to opt out
        opt me out
        opt me out of these texts
        I'm opting out
        I would like to opt out of messages
        leave me alone
        just leave me alone
        I'm blocking this number
        go away
        I already said stop
        I texted stop
        STOP. none of this matters
        stop, I need help
        Stop. I want to die
        I feel awful. Stop
        7. stop texting me
        No thanks, please remove my number
        my mom doesn't want these texts anymore
        I'd appreciate it if you stopped texting me
        I would like these texts to stop
        Kindly cease all communication
        please discontinue text messages to this phone
        Can someone take me off of this texting thing
        enough with the texts
        too many texts, stop
        these texts need to stop
        I'm done with these texts
        im over these messages please stop
        Remove my phone number from this service
        discontinue
        STOP TXT
        stop msgs
        Stop text
        Stop messages
        cancel my texts
        quit it with the messages
        I don't want to hear from you anymore
        don't ever contact me again
        Please no more
        don't send me any more of these
        stop all communication with me
        I wish to be removed from your list
        please have my number removed
        unsubscribe me from everything
        How can I get off this list?
        get me off this list
        I want off this list
        Not interested stop messaging
        Please unsubcribe
        Opt-Out please!
        hey can you guys quit texting my phone
        Stop blowing up my phone
        would you mind not texting me
        do NOT contact this number
        dont contact me by text
        I prefer not to receive text messages
        I'd prefer no texts
        no text messages please
        no texts please
        turn these messages off
        turn off texts
        I rescind my consent to receive texts
        delete me from your system
        stop sms
        I did not sign up for this text service
        Stop bugging me with these texts
        STOP I don't want this
        who is this? stop texting me
        lose this number
        no molesten
        no molestar
        Hello, would you kindly stop sending reminders to my phone
        I am asking you to stop texting my phone
        Stop w the texts already
        STOP!! I mean it
        yo stop texting
        bro stop messaging me
        ya'll need to quit texting me
        This is harassment, stop
        I don't wanna get these msgs no more
        i dont want no more texts
        dont want ur texts
        No thank you, stop texting
        I'm not interested in receiving any further communication
        I never gave you permission to text me
        You don't have permission to text me
        I never asked for these messages
        Please cease and desist from texting
        please discontinue these notifications
        Remove this number from your contact list immediately
        take this number off ur list
        Could you remove me from the text list? Thanks
        I'd like to be taken off the list
        Can I be removed from these texts?
        Please cancel these messages
        please end my subscription to these texts
        Stop sending me these every day
        stop texting me every day
        I don't need reminders
        I have asked 3 times to be removed from this list
        please stop. texting. me.
        i said STOP TEXTING ME
        plz don't txt me
        do not send texts to this number
        Stop the reminders please
        no longer interested in texts
        opt-me-out
        Opt out please and thank you
    """,
    "es": """
        ALTO
        parar
        Baja.
        ya basta
        no más
        dejen de escribirme
        Dejen de escribirme por favor
        deje de mandarme mensajes
        deja de escribirme
        ya dejen de molestarme
        dejen de enviar mensajes
        dejen de escrivirme
        paren de mandar mensajes
        paren los mensajes
        ya no me manden mensajes
        ya no me mandes mensages
        no me manden más mensajes
        No me manden mensajes
        no me escriban
        no me escriban más
        No me escriba
        por favor no me escriban
        por favor no me envíen más mensajes
        no me envien nada
        ya no me escriban a este numero
        no vuelvan a escribirme
        no me vuelvan a mandar mensajes
        no quiero mas mensajes
        No quiero más mensajes de ustedes
        ya no quiero mensajes
        ya no quiero recibir estos mensajes
        no quiero recibir mensajes
        no deseo recibir más mensajes
        no quiero que me escriban
        no quiero que me manden mensajes
        No necesito más mensajes
        no más mensajes
        no mas mensajes por favor
        basta de mensajes
        alto a los mensajes
        quítenme de la lista
        quiteme de su lista
        sáquenme de la lista
        borren mi numero
        eliminen mi número
        denme de baja
        quiero darme de baja
        dar de baja
        cancelen los mensajes
        cancelar mensajes
        quiero cancelar la suscripción
        desuscribirme
        déjenme en paz
        no autorizo mensajes
        retiro mi consentimiento
        no me mande mas mensajes por favor
        no quiero que me sigan escribiendo
        Por favor dejen de mandar mensajes a este numero
        ya no quiero que me escriban
        quiero dejar de recibir mensajes
        me gustaria dejar de recibir estos mensajes
        como hago para no recibir mas mensajes
        por favor quitar mi numero de su lista
        no me interesa recibir mensajes
        basta con los mensajes
        no escriban mas
        Saquenme de esta lista
        cancelen mi suscripcion
        no envien mas mensajes
        alto ya
        parar mensajes
        STOP por favor
        Ya no me envíen textos
        no deseo mensajes de texto
        dejen de mandarme textos
        Deje de enviarme recordatorios por favor
        no me manden nada mas
        no quiero sus mensajes
        ya no me escriba por favor
        quiero que dejen de escribirme
        les pido que no me escriban
        no me interesan sus mensajes
        favor de no mandar mensajes
        por favor eliminen mi número de su base
        no gracias, no quiero mensajes
        dejen de estar mandando mensajes
        ya estuvo, no me manden mensajes
    """,
}

WRONG_PERSON_LINES = {
    "en": """
        wrong number
        Wrong number.
        WRONG NUMBER!!
        wrong numbr
        wrong #
        sorry wrong number
        you have the wrong number
        You've got the wrong number
        I think you have the wrong number
        You have the wrong person
        wrong person
        u got the wrong person
        wrong cell number
        Incorrect number
        this is the wrong number, please stop texting
        this isn't the right number
        This is not the right person
        this is not her number
        This isn't his number anymore
        this is no longer her number
        This number no longer belongs to her
        There is no one here by that name
        nobody named Maria here
        no one by that name
        I'm not the person you are looking for
        I'm not who you think
        I am not a patient
        im not your patient
        I just got this number
        new phone who dis
        This is not Maria
        I'm not Maria
        You have the wrong guy
        This isn't Maria, you have the wrong number
        sorry but you've reached the wrong person
        I don't know who this is, wrong number
        Wrong nubmer
        Not Maria's phone
        I don't know anyone named Maria
        there's no Maria here
        Maria doesn't have this phone anymore
        this number belongs to someone else now
        you're texting the wrong person
        ur texting wrong number
        who? wrong number
        no Maria here
        I think u have the wrong #
        Wrong number bro
        This is the wrong number.
        Hi, I believe you have the wrong number
        you must have the wrong number
        wrong phone number
        Nope wrong person
        This phone does not belong to Maria
        not the right number
        Maria no longer uses this number
        I'm not Maria, she changed her number
        Who's Maria? Wrong number
    """,
    "es": """
        número equivocado
        numero equivocado
        Numero equivocdo
        tiene el número equivocado
        persona equivocada
        Se equivocó de número
        se equivocaron de numero
        te equivocaste de persona
        está equivocado
        este no es su numero
        este ya no es el numero de Ana
        no soy la persona
        no soy paciente
        aqui no hay nadie con ese nombre
        No conozco a nadie con ese nombre
        numero equibocado
        usted tiene el numero incorrecto
        se ha equivocado de numero
        no soy Maria
        Aquí no vive ninguna Maria
        te equivocaste de numero
        este numero ya no es de ella
        creo que tiene el numero equivocado
        Disculpe, numero equivocado
        Numero equivocado, no soy Ana
        este numero no es de Maria
        se equivoca de persona
    """,
}

OTHER_LINES = {
    "en": """
        the bleeding did not stop
        the bleeding won't stop
        It just won't... stop
        cancel my appointment
        cancel my appt
        please cancel Thursday
        I need to cancel, sorry
        can we cancel tomorrow's infusion
        cancel the reminder call for my appointment
        I can't stop crying
        cant stop shaking
        I can't stop vomiting
        can't stop sleeping lol
        I can't stop thinking about it
        when does it end
        When will it end?
        I want it to end
        I want it to stop
        make it stop
        please make it stop
        I just want the pain to stop
        tried to end things in college
        I want to end it all
        I want to end it
        end it
        please don't stop the treatment
        please don't stop
        don't stop
        Please don't stop texting me
        I don't want you to stop texting me
        never stop texting me, it helps
        please do not stop sending these messages
        I hope you don't stop these texts
        I love that you never stop texting me
        stop by tomorrow?
        can I stop by tomorrow
        I'll stop by the office
        should I stop taking my meds?
        should I stop my Lexapro
        do I stop eating at midnight
        when do I stop eating
        I stopped my pills
        stopped smoking
        the nausea stopped
        headache stopped around 5
        bus stop is far, need a ride
        I quit my job
        I quit smoking
        quit drinking last week
        thinking about quitting
        end of the day works
        the end of the week is fine
        my ex won't stop texting me
        my ex keeps texting me and I can't stop crying
        I told my ex to stop texting me
        he needs to stop texting me
        I wish people would stop texting me
        I need to stop texting my ex
        my kids don't text me anymore
        they do not contact me
        why did you stop texting me
        Did you stop sending texts?
        will you stop texting when I'm done?
        when will these texts stop
        why did I stop getting texts
        I stopped getting your messages
        I didn't get any texts
        I don't get your messages
        I got no more messages
        I don't want to miss your messages
        I don't want to stop getting these texts
        I don't want to opt out
        do not unsubscribe me
        please don't remove my number
        did I get unsubscribed?
        was I unsubscribed?
        I accidentally unsubscribed
        what happens if I text stop?
        if I reply STOP do I lose my appointment
        should I reply stop
        opt out of the next infusion
        I want to opt out of nitrous
        take me off the waitlist
        can you take me off the waiting list for Tuesday
        take me off the schedule for Friday
        I want to get off this medication
        remove me from the Thursday slot
        take me off Lexapro please
        don't text me while I'm driving
        please don't text me so early
        do not text me at night
        don't text me about this, call me
        do not call me, text is better
        Don't call, text me
        please don't call my work
        I do not text much
        no more pain!
        no more nausea
        no more headaches, thanks
        no more massages for me
        no more tests please
        stop testing me
        will my knee stop bothering me
        the thoughts won't leave me alone
        please don't leave me alone
        I don't want to be left alone
        they leave me alone at work
        nobody leaves me alone
        my husband stopped by
        I gave you the wrong number, it's 7
        I typed the wrong number
        sorry I pressed the wrong number, meant 7
        the pharmacy gave me the wrong number of pills
        wrong number of pills in the bottle
        my insurance has the wrong number on file
        is this the wrong number for the clinic?
        my number changed
        text my new number 602-555-0134
        This is not good
        This is not working
        This is not Working
        I'm not Sure
        can we do Monday, not Tuesday
        This is not Tuesday's appointment
        I'm not coming Monday
        I'm not ok
        I am not well
        answering for my mom, she's resting
        who is this
        I withdraw my consent for the procedure
        I'll stop in to sign the consent
        start
        can't wait for this to be over
        I need a break
        is it ok to stop fasting now
        it comes and goes, non stop
        non-stop headache
        full stop
        stop and go traffic, running late
        Stopping at CVS first
        did the doctor say stop or continue?
        heart won't stop racing
        make the voices stop
        no
        no thanks
        nope
        7
        ok
        even worse
        I want to stop feeling like this
        I feel like I can't stop the thoughts
        will this ever stop
        the crying stops for a bit then starts again
        Trying to stop drinking
        is it okay if I quit my antidepressant
        can we end the session early next time
        End of the month is better for me
        cancel Monday please
        please cancel and call me
        I have to cancel
        Cancel my 3pm
        my doctor told me to stop the ketamine
        Do I need to stop eating before the appointment?
        Can you text me the address
        Please text me when you get this
        text me instead of calling
        Don't text my husband, text me
        my phone will stop working tomorrow, call my landline
        texts are coming in late
        I got two messages yesterday
        the messages help, thank you
        I don't mind the texts
        I like these texts
        not sure how to answer these texts
        I don't understand this message
        I don't know what to say to these messages
        I didn't see your text until now
        I do not have unlimited texts
        sorry for all the texts
        can I stop wearing the patch
        should I quit caffeine
        I quit. can't do this anymore
        done. can't do this anymore
        I want out
        I want to be left alone with my thoughts
        my roommate won't leave me alone
        I'd rather be alone
        remove the bandage today?
        can I remove the patch
        when should I take it off
        take me off the meds please
        I took my number tag off
        my number is 555-0134 now
        use my other number
        update my number please
        please change my number to 602 555 0134
        please delete my old number and use this one
        the wrong medication was sent
        wrong time, I meant 3pm
        wrong day, sorry
        I was on the wrong train
        I went to the wrong building
        the number was wrong, 6 not 8
        sorry wrong one, 7
        sorry wrong chat
        He is not the patient, I am
        I'm not a patient person lol
        I am not the person I used to be
        nobody here to drive me
        no one is with me
        don't message my boss
        don't want to talk about it
        don't want to do this anymore
        I don't want to come anymore
        I do not want another infusion
        don't need anything
        never better
        I don't want a call
        please call, don't email
        no more appointments this month please
        no more questions from me
        opt for the morning slot
        I'd like to opt in
        subscribe
        resubscribe me
        Please start texting me again
        unable to stop
        stopped by, nobody there
        I said stop to the nurse and she kept going
        My heart says stop but I go on
        could not stop laughing
        nonstop tears
        please quit asking if I'm suicidal
        end my life
        I want to end my life
        I want everything to stop
        stop the pain
        please stop the pain
        stop the bleeding how?
        how do I stop the bleeding
        how do I stop these thoughts
        how do i stop the nausea
        how do I quit vaping
        block my calendar for friday
        report from the lab?
        I can't stop worrying
        my nose won't stop running
        the itching never stops
        stop worrying about me
        I told him to stop
        told my mom to stop calling
        she needs to stop
        tell Dr Lee to stop by my room
        do you stop the drip if I panic
        how long until it stops
        it stopped hurting
        I'm trying to quit vaping, does it matter
        Do I quit my other meds
        the end is near lol
        weekend was good
        ended up sleeping 10 hours
        I ended my lease
        Can we end early
        cancel that last message, I meant 8
        cancel the ride please
        had to cancel dinner
        Please cancel my appointment and do not reschedule
        I want to cancel my treatment
        I'd like to stop treatment
        I want to stop the infusions
        I want to stop
        I think I want to stop
        can we stop the infusions for now
        I don't want to continue
        I don't want to keep doing this
        I want to quit
        tired of everything
        sick of this
        I'm done with all this
        leave the door open
        I was left alone after the session
        can my son leave me alone tonight
        remove the IV?
        I removed the patch
        the list of meds is wrong
        wrong dose?
        something is wrong
        what is wrong with me
        I feel like the wrong person
        did you get my messages
        thanks for the message
        your text woke me up
        please text in Spanish
        text me later
        please stop by my room
        can the nurse stop in
        does insurance stop paying
        no messages from the pharmacy yet
        no text yet about tomorrow
        I have no message from you today
        didn't get the reminder
        no reminder came
        I want my messages in Spanish
        don't forget to text me
        don't stop believing
        I don't want to talk to a bot, text me from a person
        do not resuscitate order on file
        don't worry about me
        never mind
        Not yet
        can't sleep, mind won't stop
        unsubscribed from life lol
    """,
    "es": """
        no deja de sangrar
        no puedo dejar de llorar
        no paro de vomitar
        el dolor no para
        cancelar mi cita
        quiero cancelar la cita
        cancelen mi cita por favor
        no dejen de escribirme
        por favor no dejen de mandar mensajes
        mi ex no deja de escribirme
        dejé de tomar las pastillas
        ¿debo dejar de tomar mi medicina?
        ya no quiero seguir viviendo
        ya no quiero nada
        quiero que pare
        quiero que esto termine
        cuando termina esto
        ya no me duele
        no más dolor
        no mas nauseas
        no me llamen, mejor un mensaje
        no me mandaron el mensaje
        no me llegan los mensajes
        ¿por qué ya no me mandan mensajes?
        no recibí mensajes
        no me escriban de noche
        no me manden mensajes tan tarde
        estoy de baja en el trabajo
        tengo la presión baja
        mi ánimo está baja
        dolor alto
        la presión alta
        para mañana está bien
        para recibir mensajes que hago
        me equivoqué de número, era 7
        marqué el número equivocado
        puse el numero equivocado
        quiteme de la lista de espera
        no quiero perder sus mensajes
        no soy yo mismo
        no es mi mejor día
        déjame pensarlo
        déjenme un mensaje
        no me siento bien
        ayuda
        no puedo parar de llorar
        quiero dejar el tratamiento
        quiero dejar de sufrir
        no quiero ir mañana
        no quiero mas tratamientos
        no me manden la factura a casa
        no me mandaron la direccion
        me pueden mandar mensaje
        mandenme mensaje mejor
        no me escribio el doctor
        no me molesta el dolor
        ya no me molesta
        no me molesta que escriban
        baja presion
        me di de baja del gimnasio
        alto dolor de cabeza
        fin de semana esta bien
        cancelar
        para el lunes
        no mas sangre
        no tengo mensajes
        no entiendo el mensaje
        no se que poner
        no soy el mismo
        equivoque la hora
        me equivoque, es 6
        quiero que me dejen sola
        mi hijo no me deja en paz
        quitenme la venda?
        me quitaron la lista de medicinas
        parece que no para
        no puedo dejar de pensar
        dejé de fumar
        quiero dejar las pastillas
        quisiera cancelar la sesion del lunes
        no quiero cancelar
        cancele mi cita
        no tengo ganas de escribir
        no me dejen sola
        no me deje morir
        no quiero molestar
        perdon por molestar
        no quiero que me llamen
        no recibi el texto
        no vi el mensaje
        equivocado de dia
    """,
}


def lines(of: dict[str, str], language: str) -> list[str]:
    return [line.strip() for line in of[language].strip().splitlines()]
